// The registry's answers, request by request, over each kind of storage. JSON is literal here: a
// mistake that client and server share would not be seen otherwise.
#pragma once

#include "testregistry/api/registry_handler.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/layout/layout_storage.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::testregistry {

using test::body_of;
using testing::HasSubstr;

inline const std::string kHello = "hello";
inline const std::string kHelloDigest =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
inline const std::string kHelloSha512 =
    "sha512:"
    "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e"
    "14b8c5da0c4663475c2e5c3adef46f73bcdec043";
inline const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline const std::string kIndexType = "application/vnd.oci.image.index.v1+json";

inline std::string header(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

inline std::string descriptor(const std::string& media_type, const std::string& digest,
                              std::size_t size) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", media_type, digest, size);
}

inline std::string sha256_of(const std::string& bytes) {
  return oci::Digest::of(bytes).str();
}

inline std::string sha512_of(const std::string& bytes) {
  return oci::Digest::of(as_bytes(bytes), HashAlgorithm::kSha512).str();
}

// An image manifest over the blob "hello". `more`: further members, with a comma in front.
inline std::string image_manifest(const std::string& more = {},
                                  const std::string& digest = kHelloDigest) {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]{}}})",
                     kManifestType,
                     descriptor("application/vnd.oci.image.config.v1+json", digest, 5),
                     descriptor("application/vnd.oci.image.layer.v1.tar", digest, 5), more);
}

inline std::string index_manifest(const std::string& children, const std::string& more = {}) {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]{}}})", kIndexType,
                     children, more);
}

class ProtocolTest : public testing::TestWithParam<const char*> {
 protected:
  ProtocolTest() {
    const std::string_view kind = GetParam();
    if (kind == "Memory")
      storage_ = std::make_unique<MemoryStorage>();
    else if (kind == "Layouts")
      storage_ = std::make_unique<LayoutStorage>(
          std::vector<LayoutPlace>{{dir_ / "one", "app"}, {dir_ / "two", "other"}, {dir_ / "rest"}},
          LayoutOptions{});
    else
      storage_ = std::make_unique<DirectoryStorage>(dir_ / "registry");
    use_options({});
  }

  void use_options(const RegistryOptions& options) {
    handler_ = std::make_unique<RegistryHandler>(*storage_, options);
  }

  Response call(const std::string& method, const std::string& path, NameValues query = {},
                NameValues headers = {}, const std::string& body = {}) {
    RequestHead head{method, path, std::move(query), std::move(headers), {}};
    return test::call(*handler_, std::move(head), body);
  }

  std::string begin_upload() {
    const Response begun = call("POST", "/v2/app/blobs/uploads/");
    EXPECT_EQ(begun.status, 202);
    return header(begun, "Location");
  }

  void push_blob(const std::string& bytes, const std::string& repository = "app") {
    const Response put = call("POST", "/v2/" + repository + "/blobs/uploads/",
                              {{"digest", sha256_of(bytes)}}, {}, bytes);
    ASSERT_EQ(put.status, 201);
  }
  void push_hello() { push_blob(kHello); }

  Response put_manifest(const std::string& reference, const std::string& body,
                        const std::string& type = kManifestType, NameValues query = {}) {
    return call("PUT", "/v2/app/manifests/" + reference, std::move(query), {{"Content-Type", type}},
                body);
  }

  test::TempDir dir_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<RegistryHandler> handler_;
};

}  // namespace tote::testregistry

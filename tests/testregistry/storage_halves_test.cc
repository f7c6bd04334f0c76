// A registry whose blobs and records are kept by different storages, as when blobs lie in an object
// store, or something stands in front of one half.
#include "testregistry/api/registry_handler.h"
#include "testregistry/storage/memory_storage.h"
#include "testregistry/storage/storage.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

using test::body_of;
using test::call;

// Records without the blobs that they name: what a manifest needs is asked of who has it.
class RecordsApart final : public RecordStore {
 public:
  RecordsApart(RecordStore& inner, BlobStore& blobs) : inner_(inner), blobs_(blobs) {}

  bool has_repository(const std::string& name) override { return inner_.has_repository(name); }
  std::vector<std::string> repositories(const std::string& last, std::size_t limit) override {
    return inner_.repositories(last, limit);
  }
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest, Use use) override {
    return inner_.find_manifest(repository, digest, use);
  }
  std::optional<oci::Digest> find_tag(const std::string& repository,
                                      const std::string& tag) override {
    return inner_.find_tag(repository, tag);
  }
  std::vector<std::string> tags(const std::string& name) override { return inner_.tags(name); }
  std::vector<oci::Digest> manifests(const std::string& name) override {
    return inner_.manifests(name);
  }
  std::vector<Referrer> referrers(const std::string& name, const oci::Digest& subject) override {
    return inner_.referrers(name, subject);
  }
  bool put_manifest(const std::string& repository, const NewManifest& manifest) override {
    NewManifest rest = manifest;
    std::erase_if(rest.needed, [&](const oci::Digest& digest) {
      return blobs_.find_blob(repository, digest, Use::kKeep).has_value();
    });
    return inner_.put_manifest(repository, rest);
  }
  bool remove_manifest(const std::string& name, const oci::Digest& digest) override {
    return inner_.remove_manifest(name, digest);
  }
  void put_tag(const std::string& name, const std::string& tag,
               const oci::Digest& digest) override {
    inner_.put_tag(name, tag, digest);
  }
  bool remove_tag(const std::string& name, const std::string& tag) override {
    return inner_.remove_tag(name, tag);
  }

 private:
  RecordStore& inner_;
  BlobStore& blobs_;
};

std::string image_over(const std::string& blob) {
  const std::string descriptor = fmt::format(R"({{"mediaType":"x","digest":"{}","size":{}}})",
                                             oci::Digest::of(blob).str(), blob.size());
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("config":{},"layers":[{}]}})",
      descriptor, descriptor);
}

TEST(StorageHalves, MayBeOfDifferentKinds) {
  MemoryStorage blobs;
  MemoryStorage records;
  RecordsApart apart(records, blobs);
  RegistryHandler registry{StorageWriter(blobs, apart)};
  const std::string hello = "hello";
  const auto put = [&] {
    return call(registry,
                {"PUT",
                 "/v2/app/manifests/v1",
                 {},
                 {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}},
                 {}},
                image_over(hello))
        .status;
  };
  EXPECT_EQ(put(), 404) << "its blob is nowhere";
  EXPECT_EQ(
      call(registry,
           {"POST", "/v2/app/blobs/uploads/", {{"digest", oci::Digest::of(hello).str()}}, {}, {}},
           hello)
          .status,
      201);
  EXPECT_EQ(put(), 201);
  EXPECT_EQ(body_of(call(registry, {"GET", "/v2/app/manifests/v1", {}, {}, {}})),
            image_over(hello));
  EXPECT_EQ(
      body_of(call(registry, {"GET", "/v2/app/blobs/" + oci::Digest::of(hello).str(), {}, {}, {}})),
      hello);
  EXPECT_TRUE(records.find_tag("app", "v1"));
  EXPECT_FALSE(records.find_blob("app", oci::Digest::of(hello)));
  EXPECT_FALSE(blobs.find_tag("app", "v1"));
}

// Has what the inner one has not, as a cache in front of an upstream would.
class Fallback final : public BlobReader {
 public:
  Fallback(BlobReader& inner, std::string bytes) : inner_(inner), bytes_(std::move(bytes)) {}

  std::optional<Content> find_blob(const std::string& repository, const oci::Digest& digest,
                                   Use use) override {
    if (auto content = inner_.find_blob(repository, digest, use)) return content;
    if (oci::Digest::of(bytes_) != digest) return std::nullopt;
    return MemoryRange{std::make_shared<const std::string>(bytes_), 0, bytes_.size()};
  }

 private:
  BlobReader& inner_;
  const std::string bytes_;
};

TEST(StorageHalves, LetSomethingStandInFrontOfOne) {
  MemoryStorage storage;
  Fallback blobs(storage, "from elsewhere");
  RegistryHandler registry{StorageReader(blobs, storage)};
  const RequestHead head{
      "GET", "/v2/app/blobs/" + oci::Digest::of("from elsewhere").str(), {}, {}, {}};
  EXPECT_FALSE(registry.answer_now(head)) << "what stands in front has not said that it is quick";
  EXPECT_EQ(body_of(call(registry, head)), "from elsewhere");
  EXPECT_EQ(call(registry, {"DELETE", head.path, {}, {}, {}}).status, 405);
}

}  // namespace
}  // namespace tote::testregistry

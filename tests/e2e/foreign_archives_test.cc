// Archives and layouts of other tools, and what is odd in images: nothing is lost or mixed up.
#include "archive/archive_reader.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace tote {
namespace {

using test::tote;
using test::write_text;

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

std::string descriptor(const std::string& type, const std::string& bytes,
                       const std::string& more = {}) {
  return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}"{}}})", type, bytes.size(),
                     oci::Digest::of(bytes).str(), more);
}

class ForeignArchives : public testing::Test {
 protected:
  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  std::set<std::string> tags(const std::string& repository) {
    const auto found = registry_.storage().tags(repository);
    return {found.begin(), found.end()};
  }
  std::string digest_at(const std::string& reference) {
    const auto resolved = tote({"tag", "resolve", "-i", at(reference)});
    EXPECT_DONE(resolved);
    return resolved.out.substr(resolved.out.find('@') + 1, 71);
  }
  void expect_refused(const std::vector<std::string>& arguments, const std::string& complaint) {
    const auto result = tote(arguments);
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_NE(result.err.find(complaint), std::string::npos) << result.err;
  }

  // As docker save writes it: one layer each, named.
  void save(const std::vector<std::string>& names) {
    std::vector<test::TarMember> members;
    std::string list;
    for (const std::string& name : names) {
      const std::string number = std::to_string(members.size());
      const std::string layer = test::make_tar({{"name", name}});
      const std::string config =
          fmt::format(R"({{"rootfs":{{"type":"layers","diff_ids":["{}"]}},"config":{{}}}})",
                      oci::Digest::of(layer).str());
      members.push_back({number + ".tar", layer});
      members.push_back({number + ".json", config});
      list += fmt::format(R"({}{{"Config":"{}.json","RepoTags":["{}"],"Layers":["{}.tar"]}})",
                          list.empty() ? "" : ",", number, name, number);
    }
    members.push_back({"manifest.json", "[" + list + "]"});
    write_text(dir_ / "save.tar", test::make_tar(members));
  }

  std::string add_blob(const std::string& bytes) {
    write_text(dir_ / "layout/blobs/sha256" / oci::Digest::of(bytes).hex(), bytes);
    return bytes;
  }
  // An image of one layer in the layout; its manifest.
  std::string add_image(const std::string& layer_type, const std::string& layer) {
    return add_blob(
        fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                    descriptor("application/vnd.oci.image.config.v1+json", add_blob("{}")),
                    descriptor(layer_type, add_blob(layer))));
  }
  void finish_layout(const std::string& entries) {
    write_text(dir_ / "layout/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    write_text(dir_ / "layout/index.json", R"({"schemaVersion":2,"manifests":[)" + entries + "]}");
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(ForeignArchives, ImagesThatWantOneTagAreRefusedBeforeAnythingMoves) {
  save({"shop/frontend:1.0", "shop/backend:1.0", "shop/worker:1.0"});
  expect_refused({"copy", "--tar", path("save.tar"), "--to-repo", at("dst/shop")},
                 "are different images, but both would get the tag '1.0' in '" + at("dst/shop"));
  for (const std::string& request : registry_.interceptor().requests())
    EXPECT_EQ(request.find("POST"), std::string::npos) << request;
  EXPECT_DONE(
      tote({"copy", "--tar", path("save.tar"), "--to-repo", at("dst/shop"), "--repo-based-tags"}));
  for (const char* name : {"frontend", "backend", "worker"}) {
    EXPECT_DONE(tote({"pull", "--tar", path("save.tar"), "-i", fmt::format("shop/{}:1.0", name),
                      "-o", path(name)}));
    EXPECT_EQ(test::read_text(dir_ / name / "name"), fmt::format("shop/{}:1.0", name));
    EXPECT_DONE(tote({"pull", "-i", at(fmt::format("dst/shop:shop-{}-1.0", name)), "-o",
                      path(std::string(name) + "-2")}));
    EXPECT_EQ(test::read_text(dir_ / (std::string(name) + "-2") / "name"),
              fmt::format("shop/{}:1.0", name));
  }
  EXPECT_FALSE(tags("dst/shop").contains("1.0"));
}

TEST_F(ForeignArchives, OneNameForTwoImagesIsAmbiguousForEverybody) {
  save({"app:v1"});
  const std::string first = test::read_text(dir_ / "save.tar");
  save({"app:v1", "app:v1"});
  // The same content twice is one image.
  EXPECT_DONE(tote({"copy", "--tar", path("save.tar"), "--to-repo", at("dst/app")}));
  const std::string one = add_image("application/x", "1");
  const std::string two = add_image("application/x", "2");
  const std::string name = R"(,"annotations":{"org.opencontainers.image.ref.name":"a.io/app:v1"})";
  finish_layout(descriptor(kManifest, one, name) + "," + descriptor(kManifest, two, name));
  expect_refused({"copy", "--layout", path("layout"), "--to-repo", at("dst/two")},
                 "both would get the tag 'v1'");
  expect_refused({"pull", "--layout", path("layout"), "-i", "a.io/app:v1", "-o", path("out")},
                 "has several images 'a.io/app:v1'");
}

TEST_F(ForeignArchives, SignaturesUnderTheNameOfTheirImageGetTagsOfTheirOwn) {
  const std::string layer = test::make_tar({{"file", "content"}});
  const std::string image = add_image("application/vnd.oci.image.layer.v1.tar", layer);
  const std::string signature =
      add_image("application/vnd.dev.cosign.simplesigning.v1+json", "signed");
  const auto annotations = [](const std::string& kind) {
    return fmt::format(
        R"(,"annotations":{{"kind":"dev.cosignproject.cosign/{}","org.opencontainers.image.ref.name":"some.io/app:v1"}})",
        kind);
  };
  finish_layout(descriptor(kManifest, image, annotations("image")) + "," +
                descriptor(kManifest, signature, annotations("sigs")));
  EXPECT_DONE(tote({"copy", "--layout", path("layout"), "--to-repo", at("dst/app")}));
  EXPECT_EQ(digest_at("dst/app:v1"), oci::Digest::of(image).str());
  EXPECT_EQ(digest_at("dst/app:sha256-" + oci::Digest::of(image).hex() + ".sig"),
            oci::Digest::of(signature).str());
  EXPECT_DONE(
      tote({"pull", "--layout", path("layout"), "-i", "some.io/app:v1", "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/file"), "content");
}

TEST_F(ForeignArchives, AnArchiveWithoutImagesIsAnError) {
  finish_layout("");
  expect_refused({"copy", "--layout", path("layout"), "--to-repo", at("dst/app")},
                 "holds no images");
  write_text(dir_ / "empty.tar", test::make_tar({{"manifest.json", "[]"}}));
  expect_refused({"copy", "--tar", path("empty.tar"), "--to-repo", at("dst/app")},
                 "holds no images");
  finish_layout(descriptor("application/xml", add_blob("<xml/>")));
  expect_refused({"copy", "--layout", path("layout"), "--to-repo", at("dst/app")},
                 "holds no images");
}

// ---- odd images --------------------------------------------------------------------------------

TEST_F(ForeignArchives, ArtifactsWithLargeConfigsTravelEveryWay) {
  auto& storage = registry_.storage();
  const std::string config = test::random_bytes((5U << 20U) + 3, 1);
  test::put_blob(storage, "src/model", config);
  test::put_blob(storage, "src/model", "weights");
  const std::string manifest =
      fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                  descriptor("application/vnd.example.model", config),
                  descriptor("application/vnd.example.weights", "weights"));
  const auto digest = test::put_manifest(storage, "src/model", kManifest, manifest, "v1");
  const auto expect_copied = [&](std::vector<std::string> source, const std::string& name) {
    source.insert(source.begin(), "copy");
    source.insert(source.end(), {"--to-repo", at("dst/" + name)});
    EXPECT_DONE(tote(source));
    EXPECT_EQ(digest_at("dst/" + name + ":v1"), digest.str());
    EXPECT_TRUE(storage.find_blob("dst/" + name, oci::Digest::of(config)));
  };
  const std::vector<std::string> image = {"-i", at("src/model:v1")};
  expect_copied(image, "direct");
  for (const char* format : {"imgpkg", "oci"}) {
    EXPECT_DONE(
        tote({"copy", "-i", at("src/model:v1"), "--to-tar", path(format), "--tar-format", format}));
    expect_copied({"--tar", path(format)}, format);
  }
  EXPECT_DONE(tote({"copy", "-i", at("src/model:v1"), "--to-layout", path("to")}));
  expect_copied({"--layout", path("to")}, "layout");
}

TEST_F(ForeignArchives, BuildCachesTravelByArchives) {
  auto& storage = registry_.storage();
  std::string children;
  for (const char* bytes : {"layer one", "layer two"}) {
    test::put_blob(storage, "src/cache", bytes);
    children += descriptor("application/vnd.oci.image.layer.v1.tar+gzip", bytes) + ",";
  }
  test::put_blob(storage, "src/cache", "{}");
  children += descriptor("application/vnd.buildkit.cacheconfig.v0", "{}");
  const auto digest = test::put_manifest(
      storage, "src/cache", kIndex, R"({"schemaVersion":2,"manifests":[)" + children + "]}", "v1");
  for (const char* format : {"imgpkg", "oci"}) {
    EXPECT_DONE(
        tote({"copy", "-i", at("src/cache:v1"), "--to-tar", path(format), "--tar-format", format}));
    const std::string layout = path(std::string(format) + "-layout");
    EXPECT_DONE(tote({"copy", "--tar", path(format), "--to-layout", layout}));
    EXPECT_TRUE(std::filesystem::exists(layout + "/blobs/sha256/" + digest.hex()));
    for (const char* bytes : {"layer one", "layer two", "{}"})
      EXPECT_TRUE(
          std::filesystem::exists(layout + "/blobs/sha256/" + oci::Digest::of(bytes).hex()));
  }
}

TEST_F(ForeignArchives, WhatCouldNotBeReadAgainIsNotWritten) {
  auto& storage = registry_.storage();
  const auto child = test::put_image(storage, "src/app", {"a"});
  const auto index = test::put_manifest(
      storage, "src/app", kIndex,
      fmt::format(
          R"({{"schemaVersion":2,"manifests":[{{"mediaType":"{}","size":3,"digest":"{}"}}]}})",
          kManifest, child.str()),
      "v1");
  const std::string complaint =
      fmt::format("index '{}' names '{}': error verifying size", index.str(), child.str());
  for (const char* format : {"imgpkg", "oci"})
    expect_refused(
        {"copy", "-i", at("src/app:v1"), "--to-tar", path("a.tar"), "--tar-format", format},
        complaint);
  expect_refused({"copy", "-i", at("src/app:v1"), "--to-layout", path("to")}, complaint);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(ForeignArchives, AClaimedSizeTakesNoSpace) {
  test::put_blob(registry_.storage(), "src/app", "{}");
  const auto claim = [&](std::uint64_t size) {
    test::put_manifest(
        registry_.storage(), "src/app", kManifest,
        fmt::format(
            R"({{"schemaVersion":2,"config":{},"layers":[{{"mediaType":"application/x","size":{},"digest":"{}"}}]}})",
            descriptor("application/x", "{}"), size, oci::Digest::of("none").str()),
        "v1");
  };
  claim(std::uint64_t{1} << 50U);
  expect_refused({"copy", "-i", at("src/app:v1"), "--to-tar", path("a.tar")},
                 "no space left on device");
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

}  // namespace
}  // namespace tote

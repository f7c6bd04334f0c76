#include "archive/oci_layout.h"

#include "archive/archive_reader.h"
#include "base/json.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::archive {
namespace {

using test::ThrowsError;

// Blobs by digest, and the texts that name them.
class LayoutBlobs {
 public:
  std::string add(const std::string& media_type, const std::string& bytes,
                  const std::string& more = {}) {
    const oci::Digest digest = oci::Digest::of(bytes);
    blobs_[digest] = bytes;
    return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}{}}})", media_type,
                       digest.str(), bytes.size(), more);
  }
  std::string add_image(const std::string& annotations = "{}") {
    const std::string config = add("application/vnd.oci.image.config.v1+json", "{}");
    return add("application/vnd.oci.image.manifest.v1+json",
               fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[]}})", config),
               R"(,"annotations":)" + annotations);
  }
  void damage() {
    for (auto& [digest, bytes] : blobs_) bytes += " ";
  }
  void clear() { blobs_.clear(); }

  oci::Contents decode(const std::string& entries) const {
    return decode_layout_index(R"({"schemaVersion":2,"manifests":[)" + entries + "]}",
                               [this](const oci::Digest& digest) -> std::optional<std::string> {
                                 const auto found = blobs_.find(digest);
                                 if (found == blobs_.end()) return std::nullopt;
                                 return found->second;
                               },
                               {"layout.invalid", "here"});
  }

 private:
  std::map<oci::Digest, std::string> blobs_;
};

struct Named {
  const char* annotations;
  const char* repository;
  const char* tag;
};

TEST(DecodeLayoutIndex, FindsNamesWhereToolsWriteThem) {
  for (const Named& row : std::vector<Named>{
           {R"({})", "layout.invalid/here", ""},
           {R"({"org.opencontainers.image.ref.name":"v1"})", "layout.invalid/here", "v1"},
           {R"({"org.opencontainers.image.ref.name":"some.io/app:v1"})", "some.io/app", "v1"},
           {R"({"org.opencontainers.image.ref.name":"no name!"})", "layout.invalid/here", ""},
           {R"({"io.containerd.image.name":"docker.io/library/busybox:1",)"
            R"("org.opencontainers.image.ref.name":"1"})",
            "index.docker.io/library/busybox", "1"},
       }) {
    LayoutBlobs blobs;
    const oci::Contents contents = blobs.decode(blobs.add_image(row.annotations));
    ASSERT_EQ(contents.images.size(), 1U);
    EXPECT_EQ(contents.images[0].repository.name(), row.repository) << row.annotations;
    EXPECT_EQ(contents.images[0].tag, row.tag) << row.annotations;
  }
}

TEST(DecodeLayoutIndex, ReadsBackWhatWasEncoded) {
  ArchiveReader archive(std::string(TOTE_TEST_DATA) + "/imgpkg/outer.tar");
  const oci::Contents& contents = archive.contents();
  const oci::Contents again =
      decode_layout_index(encode_layout_index(contents),
                          [&](const oci::Digest& digest) -> std::optional<std::string> {
                            if (const auto* manifest = contents.find_manifest(digest))
                              return manifest->bytes;
                            if (const auto* config = contents.find_config(digest))
                              return config->bytes;
                            return std::nullopt;
                          },
                          {"layout.invalid", "here"});
  ASSERT_EQ(again.images.size(), contents.images.size());
  for (std::size_t i = 0; i < again.images.size(); ++i) {
    EXPECT_EQ(again.images[i].reference(), contents.images[i].reference());
    EXPECT_EQ(again.images[i].tag, contents.images[i].tag);
    EXPECT_EQ(again.images[i].original_ref, contents.images[i].original_ref);
    EXPECT_EQ(again.images[i].labels, contents.images[i].labels);
  }
  EXPECT_EQ(again.layers.size(), contents.layers.size());
}

TEST(DecodeLayoutIndex, BelievesNothing) {
  LayoutBlobs blobs;
  const std::string entry = blobs.add_image();
  blobs.damage();
  EXPECT_THAT([&] { blobs.decode(entry); },
              ThrowsError(ErrorKind::kDigestMismatch, "index.json: error verifying"));
  blobs.clear();
  EXPECT_THAT([&] { blobs.decode(entry); }, ThrowsError(ErrorKind::kNotFound, "is not there"));
  for (const char* text : {"1", "{}", R"({"digest":"sha256:00","size":1,"mediaType":"x"})"})
    EXPECT_THAT([&] { blobs.decode(text); }, ThrowsError(ErrorKind::kParse, "index.json: "))
        << text;
}

TEST(DecodeLayoutIndex, BoundsTheDepthOfIndexes) {
  LayoutBlobs blobs;
  std::string entry = blobs.add_image();
  for (int depth = 0; depth < 20; ++depth)
    entry = blobs.add("application/vnd.oci.image.index.v1+json",
                      R"({"schemaVersion":2,"manifests":[)" + entry + "]}");
  EXPECT_THAT([&] { blobs.decode(entry); }, ThrowsError(ErrorKind::kParse, "nested too deeply"));
}

TEST(MergeLayoutIndex, KeepsWhatOthersWroteExceptForTheSameName) {
  LayoutBlobs blobs;
  const std::string name = R"({"org.opencontainers.image.ref.name":"v1"})";
  const std::string present = R"({"schemaVersion":2,"manifests":[)"
                              R"({"digest":"sha256:1","platform":{"os":"plan9"}},)"
                              R"({"digest":"sha256:2","annotations":)" +
                              name + "}]}";
  const std::string merged = merge_layout_index(present, blobs.decode(blobs.add_image(name)));
  const Json index = Json::parse(merged, "merged");
  const std::vector<Json> manifests = index.items_of("manifests");
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].at("platform").string_or("os", ""), "plan9");
  EXPECT_NE(manifests[1].string_or("digest", ""), "sha256:2");
  EXPECT_THAT([] { merge_layout_index("[]", {}); }, ThrowsError(ErrorKind::kParse, "index.json: "));
}

// The images of a merged index, by full name.
std::map<std::string, Json> merged(const std::string& present, const oci::Contents& contents) {
  std::map<std::string, Json> found;
  const Json index = Json::parse(merge_layout_index(present, contents), "merged");
  for (const Json& entry : index.items_of("manifests"))
    found.emplace(entry.string_map("annotations")["io.containerd.image.name"], entry);
  return found;
}

oci::Contents image_called(const std::string& repository, const std::string& bytes) {
  oci::Contents contents;
  contents.images = {{oci::Repository::parse(repository),
                      {"application/vnd.oci.image.manifest.v1+json", oci::Digest::of(bytes), 1},
                      "v1",
                      {},
                      {}}};
  return contents;
}

TEST(MergeLayoutIndex, KeepsReleasesOfTwoThingsWithOneTag) {
  const std::string first = encode_layout_index(image_called("a.io/one", "1"));
  const auto both = merged(first, image_called("a.io/two", "2"));
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(merged(first, image_called("a.io/one", "3")).size(), 1U) << "a newer release";
}

TEST(MergeLayoutIndex, AddsToWhatAnEntrySaysAlready) {
  const oci::Contents image = image_called("a.io/one", "1");
  const std::string present = fmt::format(
      R"({{"schemaVersion":2,"artifactType":"t","annotations":{{"mine":"1","tote.images-lock":"x"}},)"
      R"("manifests":[{{"digest":"{}","platform":{{"os":"plan9"}},)"
      R"("annotations":{{"my.note":"2"}}}}]}})",
      image.images[0].target.digest.str());
  const Json index = Json::parse(merge_layout_index(present, image), "merged");
  EXPECT_EQ(index.string_or("artifactType", ""), "t");
  EXPECT_EQ(index.string_map("annotations"), (std::map<std::string, std::string>{{"mine", "1"}}))
      << "a lock says nothing of what others have put there";
  const std::vector<Json> entries = index.items_of("manifests");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("platform").string_or("os", ""), "plan9");
  EXPECT_EQ(entries[0].string_map("annotations")["my.note"], "2");
  EXPECT_EQ(entries[0].string_map("annotations")["org.opencontainers.image.ref.name"], "v1");
}

}  // namespace
}  // namespace tote::archive

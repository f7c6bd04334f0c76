#include "archive/imgpkg_manifest.h"

#include "base/codec/tar_reader.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::archive {
namespace {

using test::ThrowsError;

std::string manifest_of(const std::string& archive) {
  const std::string tar = test::read_data("imgpkg/" + archive);
  BytesSource source{std::string_view(tar)};
  TarReader reader(source);
  while (const auto entry = reader.next())
    if (entry->name == "manifest.json") return read_all(reader.content(), 1 << 20, "manifest.json");
  return {};
}

oci::Contents decode(const std::string& text) {
  return decode_imgpkg_manifest(text, [](const oci::Digest&) { return std::nullopt; });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class RecordedManifest : public testing::TestWithParam<const char*> {};

TEST_P(RecordedManifest, ComesBackByteForByte) {
  const std::string recorded = manifest_of(GetParam());
  EXPECT_EQ(encode_imgpkg_manifest(decode(recorded)), recorded);
}

INSTANTIATE_TEST_SUITE_P(All, RecordedManifest,
                         testing::Values("outer.tar", "index.tar", "chart.tar"));

TEST(DecodeImgpkgManifest, ReadsOldArchivesWithoutTags) {
  const oci::Contents contents = decode(manifest_of("outer.old.tar"));
  EXPECT_EQ(contents.images.size(), 6U);
  for (const auto& image : contents.images) EXPECT_EQ(image.tag, "");
}

TEST(DecodeImgpkgManifest, PutsChildrenBeforeTheirIndex) {
  const oci::Contents contents = decode(manifest_of("index.tar"));
  ASSERT_EQ(contents.images.size(), 1U);
  EXPECT_EQ(contents.manifests[2]->digest(), contents.images[0].target.digest);
  EXPECT_EQ(contents.manifests.size(), 3U);
}

TEST(DecodeImgpkgManifest, RefusesAManifestThatIsNotWhatItIsListedAs) {
  const std::string recorded = manifest_of("outer.tar");
  EXPECT_THAT(
      [&] { decode(replaced(recorded, R"(\"schemaVersion\":2)", R"(\"schemaVersion\":3)")); },
      ThrowsError(ErrorKind::kDigestMismatch, "has digest"));
  EXPECT_THAT(
      [&] {
        decode(replaced(recorded, R"("Raw":"{\"architecture\")", R"("Raw":"{\"Architecture\")"));
      },
      ThrowsError(ErrorKind::kDigestMismatch, "config listed as"));
}

TEST(DecodeImgpkgManifest, RefusesATagThatWouldLeadElsewhere) {
  // Children have their index's tag, which nobody reads there.
  std::string text = manifest_of("index.tar");
  const std::size_t last = text.rfind(R"("Tag":"1")");
  text.replace(last, 9, R"("Tag":"../../other/manifests/x")");
  EXPECT_THAT([&] { decode(text); }, ThrowsError(ErrorKind::kParse, "is no tag"));
}

TEST(DecodeImgpkgManifest, RefusesOtherShapes) {
  for (const char* text : {"", "{}", "[{}]", R"([{"Image":{"Refs":[]}}])",
                           R"([{"Config":"c.json","RepoTags":["x"],"Layers":[]}])"})
    EXPECT_THAT([&] { decode(text); }, ThrowsError(ErrorKind::kParse, "manifest.json: ")) << text;
}

TEST(DecodeImgpkgManifest, RefusesAnIndexWithoutItsChildren) {
  std::string recorded = manifest_of("index.tar");
  const std::size_t images = recorded.find("\"Images\":[");
  const std::size_t indexes = recorded.find(",\"Indexes\"");
  recorded.replace(images, indexes - images, "\"Images\":null");
  EXPECT_THAT([&] { decode(recorded); }, ThrowsError(ErrorKind::kParse, "which is not there"));
}

}  // namespace
}  // namespace tote::archive

#include "oci/manifest_json.h"

#include "oci/media_types.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

Descriptor descriptor(std::string_view media_type) {
  return {std::string(media_type), Digest::parse(kDigest), 7};
}

TEST(ManifestJson, WritesDescriptorsInBothOrders) {
  EXPECT_EQ(encode_descriptor(descriptor("a/b+c")),
            R"({"mediaType":"a/b+c","size":7,"digest":")" + kDigest + "\"}");
  EXPECT_EQ(encode_descriptor(descriptor("a/b+c"), DescriptorOrder::kDigestFirst),
            R"({"mediaType":"a/b+c","digest":")" + kDigest + R"(","size":7})");
}

TEST(ManifestJson, LeavesAnObjectOpenForMoreMembers) {
  JsonWriter json;
  begin_descriptor(json, descriptor("x"), DescriptorOrder::kDigestFirst).member("more", 1);
  EXPECT_EQ(json.end_object().take(),
            R"({"mediaType":"x","digest":")" + kDigest + R"(","size":7,"more":1})");
}

TEST(ManifestJson, WritesManifests) {
  EXPECT_EQ(encode_manifest("m", descriptor("c"), {descriptor("l"), descriptor("l")},
                            DescriptorOrder::kSizeFirst),
            R"({"schemaVersion":2,"mediaType":"m","config":)" + encode_descriptor(descriptor("c")) +
                R"(,"layers":[)" + encode_descriptor(descriptor("l")) + "," +
                encode_descriptor(descriptor("l")) + "]}");
  EXPECT_NE(encode_manifest("m", descriptor("c"), {}, DescriptorOrder::kDigestFirst)
                .find(R"("layers":[])"),
            std::string::npos);
}

TEST(ManifestJson, WritesWhatAnArtifactIsAbout) {
  EXPECT_EQ(encode_manifest("m", descriptor("c"), {}, DescriptorOrder::kDigestFirst,
                            {"a/t", descriptor("s"), {{"k", "v"}}}),
            R"({"schemaVersion":2,"mediaType":"m","artifactType":"a/t","config":)" +
                encode_descriptor(descriptor("c"), DescriptorOrder::kDigestFirst) +
                R"(,"layers":[],"subject":)" +
                encode_descriptor(descriptor("s"), DescriptorOrder::kDigestFirst) +
                R"(,"annotations":{"k":"v"}})");
}

TEST(ManifestJson, WritesIndexes) {
  EXPECT_EQ(encode_index("i", {}), R"({"schemaVersion":2,"mediaType":"i","manifests":[]})");
  EXPECT_EQ(encode_index("i", {"{\"a\": 1}", "{}"}, {{"k", "<"}}),
            R"({"schemaVersion":2,"mediaType":"i","manifests":[{"a": 1},{}],)"
            R"("annotations":{"k":"\u003c"}})");
}

}  // namespace
}  // namespace tote::oci

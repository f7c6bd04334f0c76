#include "oci/contents.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tote::oci {
namespace {

TEST(Contents, FindsByDigest) {
  Contents contents;
  EXPECT_TRUE(contents.manifests.add(Manifest::parse(R"({"layers":[]})", "")));
  EXPECT_FALSE(contents.manifests.add(Manifest::parse(R"({"layers":[]})", "")));
  for (const char* text : {"a", "b", "c"})
    contents.configs.push_back({{"t", Digest::of(text), 1}, text, {}});
  std::sort(contents.configs.begin(), contents.configs.end(),
            [](const auto& a, const auto& b) { return a.blob.digest < b.blob.digest; });
  EXPECT_EQ(contents.find_manifest(contents.manifests[0]->digest()), contents.manifests[0]);
  EXPECT_EQ(contents.find_config(Digest::of("b"))->bytes, "b");
  EXPECT_EQ(contents.find_config(Digest::of("d")), nullptr);
  EXPECT_EQ(contents.find_manifest(Digest::of("d")), nullptr);
}

}  // namespace
}  // namespace tote::oci

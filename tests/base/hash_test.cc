#include "base/hash.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

std::string hash(HashAlgorithm algorithm, std::initializer_list<std::string_view> pieces) {
  Hasher hasher(algorithm);
  for (const std::string_view piece : pieces) hasher.update(as_bytes(piece));
  return to_hex(hasher.finish());
}

// FIPS 180-4 examples.
TEST(Hasher, ComputesSha256InPieces) {
  EXPECT_EQ(hash(HashAlgorithm::kSha256, {}),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash(HashAlgorithm::kSha256, {"a", "", "bc"}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hasher, ComputesSha512) {
  EXPECT_EQ(hash(HashAlgorithm::kSha512, {"abc"}).substr(0, 32),
            "ddaf35a193617abacc417349ae204131");
}

}  // namespace
}  // namespace tote

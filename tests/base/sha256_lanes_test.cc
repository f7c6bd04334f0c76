#include "base/sha256_lanes.h"

#include "base/sha256_openssl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tote {
namespace {

// By name, whichever is chosen on this machine.
class Sha256KernelTest : public testing::TestWithParam<std::string> {
 protected:
  const Sha256Kernel* find() const {
    for (const Sha256Kernel& kernel : sha256_kernels())
      if (kernel.name == GetParam()) return &kernel;
    return nullptr;
  }

  std::vector<std::byte> random_bytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(random_()); });
    return bytes;
  }
  std::vector<Sha256State> random_states(std::size_t count) {
    std::vector<Sha256State> states(count);
    for (Sha256State& state : states)
      std::generate(state.begin(), state.end(),
                    [&] { return static_cast<std::uint32_t>(random_()); });
    return states;
  }

  std::mt19937 random_{1};
};

TEST_P(Sha256KernelTest, AdvancesEachLaneAsOpenSslDoes) {
  const Sha256Kernel* kernel = find();
  if (kernel == nullptr) GTEST_SKIP() << "this processor has no " << GetParam();
  for (std::size_t count = 1; count <= kernel->lanes; ++count) {
    for (const std::size_t blocks : {1U, 2U, 3U, 17U}) {
      // Each at an address that is a multiple of nothing.
      const auto data = random_bytes(count * (blocks * kSha256Block + 1) + 1);
      std::vector<Sha256State> got = random_states(count);
      std::vector<Sha256State> want = got;
      std::vector<Sha256Lane> lanes;
      for (std::size_t i = 0; i < count; ++i) {
        const std::byte* place = &data[1 + i * (blocks * kSha256Block + 1)];
        lanes.push_back({&got[i], place});
        sha256_by_openssl(want[i], place, blocks);
      }
      kernel->run(lanes, blocks);
      EXPECT_EQ(got, want) << count << " lanes, " << blocks << " blocks";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Sha256KernelTest, testing::Values("avx512", "avx2"),
                         [](const auto& kernel) { return kernel.param; });

struct Settings {
  std::string text;
  bool has_sha;
};

TEST(OpenSslSettings, NameShaInstructions) {
  const std::vector<Settings> table = {
      {"OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6f1bf07ab", true},
      {"OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6d1bf07ab env::~0x20000000", false},
      {"OPENSSL_ia32cap=0xfffa3203078bffff:0x20000000:0x0:0x0:0x0", true},
      {"OPENSSL_ia32cap=0x20000000:0x0:0x20000000:0x0:0x0 env::0", false},
      {"OPENSSL_ia32cap=0xfffa3203078bffff", false},
      {"OPENSSL_armcap=0x7d:0x20000000", false},
      {"N/A", false},
      {"", false},
  };
  for (const Settings& row : table)
    EXPECT_EQ(names_sha_instructions(row.text), row.has_sha) << row.text;
}

}  // namespace
}  // namespace tote

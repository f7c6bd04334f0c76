// How much memory and disk a copy takes: the same however large the images are.
#include "testregistry/registry.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/resource.h>

namespace tote {
namespace {

using test::Child;
using test::TempDir;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Sanitizers keep memory for themselves, and are slow: less data, and no limit on memory.
constexpr std::size_t kLayerSize = kSanitized ? 1 << 20 : 32 << 20;
constexpr std::uint64_t kMaxMemory = kSanitized ? UINT64_MAX : 64 << 20;
// Each thread unpacks a frame of 4 MiB, and some are kept.
constexpr std::uint64_t kMaxUnpacking = kSanitized ? UINT64_MAX : 128 << 20;
constexpr int kImages = 8;
constexpr int kLayers = 4;

// A registry in a process of its own, so that its memory is not counted here.
class OtherRegistry {
 public:
  explicit OtherRegistry(const std::filesystem::path& directory)
      : child_({test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0", "--dir",
                directory.string()},
               {}) {
    const std::string ready = child_.read_line();
    const std::size_t begin = ready.find("127.0.0.1:");
    address_ = ready.substr(begin, ready.find('"', begin) - begin);
  }
  const std::string& address() const { return address_; }

 private:
  Child child_;
  std::string address_;
};

class Resources : public testing::Test {
 protected:
  // Layers of zeros with a number in front: real bytes on the wire, quick to make.
  void make_source() {
    testregistry::Registry source({.directory = dir_ / "source"});
    for (int image = 0; image < kImages; ++image) {
      std::vector<std::string> layers;
      for (int layer = 0; layer < kLayers; ++layer) {
        std::string bytes(kLayerSize, '\0');
        bytes.replace(0, 8, std::to_string(10'000'000 + image * kLayers + layer));
        layers.push_back(std::move(bytes));
      }
      images_.push_back(test::put_image(source.storage(), "src/app", layers));
    }
  }

  // The bundle names the registry, whose port is known only when it runs.
  void push_bundle(const OtherRegistry& source) {
    std::vector<std::string> references;
    for (const oci::Digest& image : images_)
      references.push_back(source.address() + "/src/app@" + image.str());
    test::write_text(dir_ / "bundle/.imgpkg/images.yml", test::images_lock(references));
    const auto pushed = test::tote(
        {"push", "-b", source.address() + "/src/bundle:v1", "-f", (dir_ / "bundle").string()});
    ASSERT_EQ(pushed.exit_code, 0) << pushed.err;
  }

  void expect_modest(const std::vector<std::string>& arguments,
                     const test::ProgramOptions& options = {}, std::uint64_t limit = kMaxMemory) {
    const auto result = test::tote(arguments, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_LT(result.peak_memory, limit) << arguments[1] << " " << arguments[3];
    RecordProperty("peak_memory", std::to_string(result.peak_memory));
  }

  TempDir dir_;
  std::vector<oci::Digest> images_;
};

TEST_F(Resources, MemoryIsBoundedInEveryDirectionAndRegistriesNeedNoDisk) {
  make_source();
  const OtherRegistry source(dir_ / "source");
  const OtherRegistry destination(dir_ / "destination");
  push_bundle(source);
  const std::string archive = (dir_ / "a.tar").string();
  // No process can write a byte to any file under this limit; sockets and pipes are no files.
  const test::ProgramOptions without_files{.before_exec = [] {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }};
  expect_modest({"copy", "-b", source.address() + "/src/bundle:v1", "--to-repo",
                 destination.address() + "/direct/app"},
                without_files);
  expect_modest({"copy", "-b", source.address() + "/src/bundle:v1", "--to-tar", archive});
  expect_modest({"copy", "--tar", archive, "--to-repo", destination.address() + "/imported/app"},
                without_files);
  const std::string packed = archive + ".zst";
  expect_modest({"copy", "--layout", archive, "--to-tar", packed, "--tar-compress", "zstd"});
  expect_modest({"copy", "--tar", packed, "--to-repo", destination.address() + "/unpacked/app"},
                without_files, kMaxUnpacking);
}

}  // namespace
}  // namespace tote

// kill -9 in the middle of a copy, in every direction: the same command again is right, and moves
// hardly anything twice.
#include "base/json.h"
#include "base/text.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

namespace tote {
namespace {

using test::Child;
using test::tote;
using Strings = std::vector<std::string>;

// hack/test.sh full
const bool kLong = !test::environment("TOTE_LONG_TESTS").empty();
const int kImages = kLong ? 8 : 2;
const int kLayers = kLong ? 4 : 2;
const std::size_t kLayerSize = kLong ? 32U << 20U : 8U << 20U;
const int kKills = kLong ? 200 : 3;
constexpr int kConcurrency = 3;

// What a blob that is on its way may have in buffers, which are lost: those of the kernel between
// the two processes, which it lets grow to some megabytes, and theirs.
const std::uint64_t kChunk = kLong ? 16U << 20U : 8U << 20U;

enum class Direction { kToTar, kToLayout, kToRepository, kFromTar, kFromVolumes };

const char* name_of(Direction direction) {
  constexpr std::array kNames = {"to a tar", "to a layout", "to a repository", "from a tar",
                                 "from volumes of which one is lost"};
  return kNames.at(static_cast<std::size_t>(direction));
}

class RegistryProcess {
 public:
  explicit RegistryProcess(const std::filesystem::path& directory)
      : child_({test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0", "--dir",
                directory.string()},
               {}),
        address_(Json::parse(child_.read_line(), "ready").at("address").string()) {}
  ~RegistryProcess() { child_.signal(SIGTERM); }

  const std::string& address() const { return address_; }
  // Bytes of bodies, in both directions, since it was started.
  std::uint64_t moved() const {
    test::HttpConnection connection(address_);
    std::uint64_t bytes = 0;
    for (const std::string& line : split(connection.ask("GET", "/metrics")->body, '\n'))
      for (const char* name : {"tote_received_bytes_total ", "tote_sent_bytes_total "})
        if (line.starts_with(name))
          bytes += parse_number(line.substr(std::string_view(name).size())).value_or(0);
    return bytes;
  }

 private:
  Child child_;
  std::string address_;
};

class Resume : public testing::Test {
 protected:
  Resume() : near_(dir_ / "near"), far_(dir_ / "far") {
    std::string lock = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n";
    for (int image = 0; image < kImages; ++image) lock += push_image(image);
    test::write_text(dir_ / "bundle/.imgpkg/images.yml", lock);
    const auto pushed = run({"push", "--json", "-b", bundle(), "-f", (dir_ / "bundle").string()});
    EXPECT_DONE(pushed);
    digest_ = Json::parse(pushed.out, "output").at("digest").string();
    EXPECT_DONE(run({"copy", "-b", bundle(), "--to-tar", whole()}));
    cut_into_volumes();
  }

  std::string bundle() const { return near_.address() + "/app/bundle:v1"; }
  std::string whole() const { return (dir_ / "whole.tar").string(); }
  std::string first_volume() const { return whole() + ".001"; }

  // Of which the second has to be rebuilt from the others.
  void cut_into_volumes() const {
    const std::size_t size = static_cast<std::size_t>(kImages * kLayers) * kLayerSize / 3;
    EXPECT_DONE(run({"split", whole(), "--size", std::to_string(size), "--parity", "1"}));
    std::filesystem::remove(whole() + ".002");
  }

  test::ProgramOptions options() const {
    return {.environment = {{"XDG_STATE_HOME", (dir_ / "state").string()}}};
  }
  test::ProgramResult run(const Strings& arguments) const { return tote(arguments, options()); }

  // An image of layers that do not compress, each by a push of its own; lines of the lock.
  std::string push_image(int image) const {
    std::string lines;
    for (int layer = 0; layer < kLayers; ++layer) {
      test::write_text(dir_ / "file",
                       test::random_bytes(kLayerSize, static_cast<unsigned>(image * 100 + layer)));
      const auto pushed =
          run({"push", "--json", "-i", fmt::format("{}/app/i{}-{}", near_.address(), image, layer),
               "-f", (dir_ / "file").string()});
      EXPECT_DONE(pushed);
      lines += "- image: " + Json::parse(pushed.out, "output").at("image").string() + "\n";
    }
    return lines;
  }

  // The copy that is killed and done again; `round` makes its target a new one.
  Strings command(int round) const {
    Strings words = {"copy", "--concurrency", std::to_string(kConcurrency), "--resume"};
    if (direction_ == Direction::kFromTar)
      words.insert(words.end(), {"--tar", whole()});
    else if (direction_ == Direction::kFromVolumes)
      words.insert(words.end(), {"--tar", first_volume()});
    else
      words.insert(words.end(), {"-b", bundle()});
    switch (direction_) {
      case Direction::kToTar:
        words.insert(words.end(), {"--to-tar", target(round)});
        break;
      case Direction::kToLayout:
        words.insert(words.end(), {"--to-layout", target(round)});
        break;
      default:
        words.insert(words.end(), {"--to-repo", target(round)});
    }
    return words;
  }
  std::string target(int round) const {
    const std::string name = fmt::format("copy{}-{}", static_cast<int>(direction_), round);
    const bool is_file = direction_ == Direction::kToTar || direction_ == Direction::kToLayout;
    return is_file ? (dir_ / name).string() : fmt::format("{}/app/{}", far_.address(), name);
  }

  // Where the bytes are counted: the one registry that is asked, or the one that is written to.
  std::uint64_t moved() const {
    return direction_ == Direction::kToTar || direction_ == Direction::kToLayout ? near_.moved()
                                                                                 : far_.moved();
  }

  void expect_right(int round) {
    if (direction_ == Direction::kToTar) {
      EXPECT_EQ(test::run({"cmp", target(round), whole()}).exit_code, 0);
      return;
    }
    const std::string place = direction_ == Direction::kToLayout
                                  ? "oci:" + target(round)
                                  : fmt::format("oci://{}@{}", target(round), digest_);
    EXPECT_DONE(run({"verify", "-q", place, "--tar", whole(), "--deep"}));
  }

  void kill_and_go_on() {
    const std::uint64_t before = moved();
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_DONE(run(command(-1)));
    const std::chrono::duration<double> takes = std::chrono::steady_clock::now() - begun;
    const std::uint64_t once = moved() - before;
    std::mt19937 random(7);
    std::uint64_t worst = 0;
    int round = 0;
    const bool had_failed = HasFailure();
    for (; round < kKills && had_failed == HasFailure(); ++round) {
      const std::uint64_t start = moved();
      Strings words = command(round);
      words.insert(words.begin(), test::program_path());
      Child child(words, options());
      // Not a wait for anything: the moment of the kill is what varies.
      std::this_thread::sleep_for(takes * (static_cast<double>(random() % 1000) / 1000));
      child.signal(SIGKILL);
      child.wait();
      EXPECT_DONE(run(command(round)));
      const std::uint64_t twice = std::max(moved() - start, once) - once;
      worst = std::max(worst, twice);
      EXPECT_LE(twice, kConcurrency * kChunk + (1U << 20U)) << round;
      expect_right(round);
      std::filesystem::remove_all(target(round));
    }
    std::cout << fmt::format("{} kills of a copy of {} MiB {}: at most {} KiB were moved twice\n",
                             round, once >> 20U, name_of(direction_), worst >> 10U)
              << std::flush;
  }

  test::TempDir dir_;
  RegistryProcess near_;
  RegistryProcess far_;
  std::string digest_;
  Direction direction_ = Direction::kToTar;
};

// Set up once for all of them.
TEST_F(Resume, GoesOnInEveryDirectionAfterAKillAtAnyMoment) {
  for (const Direction direction :
       {Direction::kToTar, Direction::kToLayout, Direction::kToRepository, Direction::kFromTar,
        Direction::kFromVolumes}) {
    SCOPED_TRACE(name_of(direction));
    direction_ = direction;
    kill_and_go_on();
  }
}

}  // namespace
}  // namespace tote

// Every fault at every request of a copy, once and always: the copy succeeds with all digests
// right, or says so in one sentence, shows nothing half-made, and succeeds when the fault is gone.
#include "tests/e2e/fault_matrix.h"

#include "base/text.h"
#include "oci/manifest.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <set>
#include <thread>

namespace tote {
namespace {

namespace tr = testregistry;
using test::Cell;
using test::FaultyRegistry;
using test::Often;
using test::Outcome;
using test::Way;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

// hack/test.sh full
const bool kLong = !test::environment("TOTE_LONG_TESTS").empty();
const bool kShown = !test::environment("TOTE_SHOW_FAULTS").empty();
// A sanitized program takes ten times as long: it meets one in three, and the released one all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
const std::size_t kEach = test::environment("TOTE_PROGRAM").empty() && !kLong ? 3 : 1;
#else
constexpr std::size_t kEach = 1;
#endif
// Most of the time they wait for something that does not come.
constexpr int kBenches = 10;
// More than an upload in one request may have (RemoteUpload::kSmallBlob).
constexpr std::size_t kLargeLayer = 600'000;

std::string bytes_of(const tr::Content& content) {
  return read_all(*tr::open_content(content), UINT64_MAX, "content");
}

// What a repository has.
struct Inventory {
  std::set<std::string> manifests = {};
  std::set<std::string> tags = {};
  std::string lacks = {};  // something that a manifest needs; empty: nothing

  bool operator==(const Inventory&) const = default;
};

bool is_right(const std::optional<tr::Content>& content, const oci::Digest& digest) {
  return content && oci::Digest::of(as_bytes(bytes_of(*content))) == digest;
}

Inventory inventory_of(tr::Storage& storage, const std::string& repository) {
  Inventory found;
  for (const std::string& tag : storage.tags(repository)) found.tags.insert(tag);
  for (const oci::Digest& digest : storage.manifests(repository)) {
    found.manifests.insert(digest.str());
    const auto stored = storage.find_manifest(repository, digest);
    const auto manifest = oci::Manifest::parse(bytes_of(stored->content), stored->media_type);
    if (manifest->digest() != digest) found.lacks = digest.str();
    for (const oci::Descriptor& child : manifest->children())
      if (!storage.find_manifest(repository, child.digest)) found.lacks = child.digest.str();
    for (const oci::Descriptor& blob : manifest->blobs())
      if (!is_right(storage.find_blob(repository, blob.digest), blob.digest))
        found.lacks = blob.digest.str();
  }
  return found;
}

// Two registries, one bundle, and what a copy of it is where nothing goes wrong.
class Bench {
 public:
  Bench() {
    fill(near_.storage());
    for (const oci::Digest& layer : {large_, other_large_})
      near_.mischief().call_large(layer.str());
    test::write_text(
        dir_ / "config.json",
        fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}},"{}":{{"auth":"{}"}}}}}})", near_.address(),
                    base64_encode(near_.login()), far_.address(), base64_encode(far_.login())));
    EXPECT_DONE(copy({"-b", bundle(), "--to-tar", path("whole.tar")}));
    EXPECT_DONE(copy({"-b", bundle(), "--to-tar", path("cut.tar"), "--split", "300KB"}));
    EXPECT_DONE(copy({"-b", bundle(), "--to-repo", far_.address() + "/whole"}));
    whole_ = inventory_of(far_.storage(), "whole");
    EXPECT_EQ(whole_.lacks, "");
    EXPECT_GE(whole_.manifests.size(), 5U);
  }

  void try_out(const Cell& cell);
  int succeeded() const { return succeeded_; }
  int resumed() const { return resumed_; }

 private:
  void fill(tr::Storage& storage);
  std::string bundle() const { return near_.address() + "/src/bundle:v1"; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  FaultyRegistry& target(const Cell& cell) { return cell.way == Way::kMount ? near_ : far_; }

  test::ProgramResult copy(Strings words) const {
    words.insert(words.begin(), {"copy", "--stall-timeout", "1s", "--concurrency", "1"});
    return test::tote(words, {.environment = {{"DOCKER_CONFIG", dir_.path().string()}}});
  }
  Strings words_of(const Cell& cell) const;
  void break_something(const Cell& cell);
  void expect_whole(const Cell& cell);
  void expect_nothing_half_made(const Cell& cell);
  void expect_one_sentence(const test::ProgramResult& result) const;
  void clear(const Cell& cell) const;

  test::TempDir dir_;
  FaultyRegistry near_;
  FaultyRegistry far_;
  oci::Digest large_ = oci::Digest::of(as_bytes(std::string_view()));
  oci::Digest other_large_ = large_;
  Inventory whole_;
  int round_ = 0;
  int succeeded_ = 0;
  int resumed_ = 0;
};

void Bench::fill(tr::Storage& storage) {
  const std::string layer = test::random_bytes(kLargeLayer, 1);
  const std::string other = test::random_bytes(kLargeLayer, 2);
  large_ = oci::Digest::of(as_bytes(layer));
  other_large_ = oci::Digest::of(as_bytes(other));
  const auto image = test::put_image(storage, "src/app", {layer, "small"});
  const auto amd64 = test::put_image(storage, "src/multi", {other}, "", {.architecture = "amd64"});
  const auto arm64 =
      test::put_image(storage, "src/multi", {"b"}, "", {.oci = false, .architecture = "arm64"});
  const auto index = test::put_index(storage, "src/multi", {{amd64, "amd64"}, {arm64, "arm64"}});
  const auto at = [&](const std::string& name, const oci::Digest& digest) {
    return fmt::format("{}/{}@{}", near_.address(), name, digest.str());
  };
  test::put_bundle(storage, "src/bundle",
                   test::images_lock({at("src/app", image), at("src/multi", index)}), "v1");
}

Strings Bench::words_of(const Cell& cell) const {
  const std::string repository = fmt::format("copy{}", round_);
  switch (cell.way) {
    case Way::kToTar:
      return {"-b", bundle(), "--to-tar", path("copy.tar"), "--resume"};
    case Way::kToRegistry:
      return {"-b", bundle(), "--to-repo", far_.address() + "/" + repository};
    case Way::kMount:
      return {"-b", bundle(), "--to-repo", near_.address() + "/" + repository};
    case Way::kFromTar:
      return {"--tar", path("whole.tar"), "--to-repo", far_.address() + "/" + repository};
    case Way::kFromVolumes:
      return {"--tar", path("cut.tar.001"), "--to-repo", far_.address() + "/" + repository};
  }
  return {};
}

void Bench::break_something(const Cell& cell) {
  test::Mischievous& mischief = (cell.is_near ? near_ : far_).mischief();
  mischief.fail(cell.at, cell.with, cell.often == Often::kOnce ? 1 : test::kEveryTime);
  // An upload is asked for how far it is only when it was broken off.
  if (cell.at == test::Operation::kGetSession)
    mischief.fail_first(test::Operation::kPatch, test::Mischief::kDropInRequest);
}

void Bench::expect_whole(const Cell& cell) {
  if (cell.way == Way::kToTar) {
    EXPECT_TRUE(test::read_text(path("copy.tar")) == test::read_text(path("whole.tar")));
    return;
  }
  const Inventory found = inventory_of(target(cell).storage(), fmt::format("copy{}", round_));
  EXPECT_EQ(found.lacks, "");
  EXPECT_EQ(found.tags, whole_.tags);
  EXPECT_EQ(found.manifests, whole_.manifests);
}

// Tags that people look at come last: where there is one, there is everything.
void Bench::expect_nothing_half_made(const Cell& cell) {
  if (cell.way == Way::kToTar) {
    EXPECT_FALSE(std::filesystem::exists(path("copy.tar")));
    return;
  }
  const Inventory found = inventory_of(target(cell).storage(), fmt::format("copy{}", round_));
  EXPECT_EQ(found.lacks, "");
  if (found.tags.count("v1") > 0) {
    EXPECT_EQ(found.manifests, whole_.manifests);
  }
}

void Bench::expect_one_sentence(const test::ProgramResult& result) const {
  EXPECT_EQ(result.exit_code, 1);
  const std::size_t error = result.err.find("tote: Error: ");
  EXPECT_NE(error, std::string::npos);
  EXPECT_EQ(error, result.err.rfind("tote: Error: "));
  for (const FaultyRegistry* registry : {&near_, &far_})
    EXPECT_THAT(result.err, Not(HasSubstr(split(registry->login(), ':').back())));
  EXPECT_THAT(result.err, Not(HasSubstr("Bearer ")));
}

void Bench::clear(const Cell& cell) const {
  if (cell.way == Way::kToTar) std::filesystem::remove(path("copy.tar"));
}

void Bench::try_out(const Cell& cell) {
  SCOPED_TRACE(name_of(cell));
  ++round_;
  const auto begun = std::chrono::steady_clock::now();
  Strings words = words_of(cell);
  Strings impatient = words;
  impatient.insert(impatient.end(),
                   {"--registry-retry-count", cell.often == Often::kOnce ? "3" : "2"});
  break_something(cell);
  const test::ProgramResult result = copy(impatient);
  const std::size_t struck = (cell.is_near ? near_ : far_).mischief().calm();
  EXPECT_GE(struck, 1U) << "the fault has not struck";
  if (result.exit_code == 0) {
    EXPECT_EQ(cell.outcome, Outcome::kSucceeds);
    ++succeeded_;
  } else {
    EXPECT_EQ(cell.outcome, Outcome::kFails) << result.err;
    ++resumed_;
    expect_one_sentence(result);
    expect_nothing_half_made(cell);
    EXPECT_DONE(copy(words));
  }
  if (kShown)
    std::cout << name_of(cell) << ": "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()
              << " s\n"
              << result.err;
  expect_whole(cell);
  clear(cell);
}

TEST(FaultMatrix, ACopySucceedsOrSaysWhyAndIsResumedWhateverFailsWhereverOnceOrAlways) {
  const std::vector<Cell> all =
      test::fault_matrix(kLong ? test::Scope::kAll : test::Scope::kByTurns);
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < all.size(); i += kEach) cells.push_back(all[i]);
  std::atomic<std::size_t> next = 0;
  std::atomic<int> succeeded = 0;
  std::atomic<int> resumed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kBenches; ++i)
    threads.emplace_back([&] {
      Bench bench;
      for (std::size_t at = next++; at < cells.size(); at = next++) bench.try_out(cells[at]);
      succeeded += bench.succeeded();
      resumed += bench.resumed();
    });
  threads.clear();
  EXPECT_EQ(static_cast<std::size_t>(succeeded + resumed), cells.size());
  std::cout << fmt::format("{} faults struck: {} copies succeeded, {} failed and were resumed\n",
                           cells.size(), succeeded.load(), resumed.load());
}

}  // namespace
}  // namespace tote

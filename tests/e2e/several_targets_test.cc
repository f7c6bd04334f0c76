// copy with several --to-repo, as a user types it: read once, each with its own fate.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

constexpr std::size_t kLayer = 600'000;

class SeveralTargets : public testing::Test {
 protected:
  SeveralTargets() {
    Strings images;
    for (unsigned seed = 1; seed <= 3; ++seed) {
      layers_.push_back(test::random_bytes(kLayer, seed));
      const auto digest =
          test::put_image(near_.storage(), fmt::format("src/{}", seed), {layers_.back()});
      images.push_back(fmt::format("{}/src/{}@{}", near_.address(), seed, digest.str()));
    }
    digest_ = test::put_bundle(near_.storage(), "src/app", test::images_lock(images), "v1").str();
    near_.interceptor().forget_requests();
  }

  test::ProgramResult copy(const Strings& targets, const Strings& more = {}) {
    Strings words = {"copy", "-q", "-b", near_.address() + "/src/app:v1"};
    for (const std::string& target : targets) words.insert(words.end(), {"--to-repo", target});
    words.insert(words.end(), more.begin(), more.end());
    return tote(words);
  }
  void expect_arrived(const std::string& target) const {
    const auto verified = tote({"verify", "-q", target + ":v1", "--deep"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_THAT(tote({"tag", "resolve", "-i", target + ":v1"}).out, HasSubstr(digest_));
  }
  std::size_t reads_of(const std::string& layer) {
    std::size_t count = 0;
    for (const std::string& request : near_.interceptor().requests())
      if (request.starts_with("GET ") && request.ends_with(oci::Digest::of(layer).str())) ++count;
    return count;
  }

  test::TestRegistry near_;
  test::TestRegistry far_[3];
  Strings layers_;
  std::string digest_;
};

TEST_F(SeveralTargets, GetAllOfItAndItIsReadOnce) {
  const Strings targets = {far_[0].address() + "/one", far_[1].address() + "/two",
                           far_[2].address() + "/three"};
  const auto copied = copy(targets);
  EXPECT_DONE(copied);
  for (const std::string& target : targets) {
    EXPECT_THAT(copied.out, HasSubstr("Copied to '" + target + "@" + digest_ + "'"));
    expect_arrived(target);
  }
  for (const std::string& layer : layers_) EXPECT_EQ(reads_of(layer), 1U);
}

TEST_F(SeveralTargets, HaveEachTheirOwnFate) {
  far_[1].interceptor().replace(
      [](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.method == "GET" || head.method == "HEAD") return std::nullopt;
        return testregistry::Response{.status = 403};
      });
  const auto copied =
      copy({far_[0].address() + "/one", far_[1].address() + "/two", far_[2].address() + "/three"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("Copying failed to '" + far_[1].address() + "/two': "));
  EXPECT_THAT(copied.err, Not(HasSubstr(far_[0].address())));
  expect_arrived(far_[0].address() + "/one");
  expect_arrived(far_[2].address() + "/three");
}

TEST_F(SeveralTargets, AreNotHeldUpByWhatBreaksOnTheWay) {
  std::atomic<int> broken = 0;
  near_.interceptor().change(
      [&](const testregistry::RequestHead& head, testregistry::Response& response) {
        if (head.method == "GET" && head.path.ends_with(oci::Digest::of(layers_[0]).str()) &&
            broken++ == 0)
          response.status = 503;
      });
  const Strings targets = {far_[0].address() + "/one", far_[1].address() + "/two"};
  EXPECT_DONE(copy(targets));
  for (const std::string& target : targets) expect_arrived(target);
}

TEST_F(SeveralTargets, AreOneObjectForPrograms) {
  const auto copied = copy({far_[0].address() + "/one", "127.0.0.1:1/two"},
                           {"--json", "--registry-retry-count", "0"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.out, AllOf(HasSubstr(R"({"copies":[{"bundle":")"), HasSubstr(R"("error":")"),
                                HasSubstr(R"("to":"127.0.0.1:1/two"}]})")));
}

TEST_F(SeveralTargets, CanNotShareALockOrAPlan) {
  for (const Strings& flags : {Strings{"--lock-output", "l"}, Strings{"--dry-run"},
                               Strings{"--plan-out", "p"}, Strings{"--record"}}) {
    const auto refused = copy({far_[0].address() + "/one", far_[1].address() + "/two"}, flags);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err,
                HasSubstr("Flag " + flags[0] + " can not be used with several --to-repo"));
  }
}

}  // namespace
}  // namespace tote

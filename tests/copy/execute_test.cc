// Copies between two real registries, with one of them failing in a chosen way.
#include "copy/execute.h"

#include "copy/plan.h"
#include "copy/survey.h"
#include "registry/client.h"
#include "testregistry/http/error_response.h"
#include "tests/support/fake_clock.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/test_registry.h"
#include "transport/curl_transport.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

namespace tote::copy {
namespace {

namespace tr = testregistry;
using test::random_bytes;
using test::TestRegistry;

class ExecuteTest : public testing::Test {
 protected:
  ExecuteTest() {
    auto& storage = from_.storage();
    const auto a = test::put_image(storage, "src/app", {random_bytes(3'000'000, 1), "small"}, "",
                                   {.architecture = "amd64"});
    const auto b = test::put_image(storage, "src/app", {random_bytes(3'000'000, 1), "other"}, "",
                                   {.architecture = "arm64"});
    children_ = {a, b};
    index_ = test::put_index(storage, "src/app", {{a, "amd64"}, {b, "arm64"}}, "v1");
    from_.interceptor().forget_requests();
  }

  void run(const oci::Repository& destination) {
    const oci::Repository source{from_.address(), "src/app"};
    ManifestCache cache([this](const oci::Repository& name) -> oci::ImageReader& {
      return client_.repository(name);
    });
    const Plan plan =
        plan_copy({{source, cache.manifest(source, "v1", {})->descriptor(), "v1", {}, {}}}, cache,
                  {}, pool_, {});
    outcomes_.clear();
    registry::RemoteRepository& to = client_.repository(destination);
    const Work work =
        survey(plan.contents, to, {.name_of = [](const oci::CarriedImage&) { return "copied"; }},
               pool_, {});
    ExecuteOptions options;
    options.observer = [this](const Event& event) {
      if (const auto* finished = std::get_if<BlobFinished>(&event)) ++outcomes_[finished->outcome];
      under_way_ += std::holds_alternative<BlobBegun>(event) ? 1 : 0;
      most_under_way_ = std::max(most_under_way_, under_way_);
      under_way_ -= std::holds_alternative<BlobFinished>(event) ? 1 : 0;
    };
    options.clock = &clock_;
    execute(work, cache.places(), to, pool_, options, {});
  }

  void run() { run({to_.address(), "dst/app"}); }

  void expect_complete() {
    auto& remote = client_.repository({to_.address(), "dst/app"});
    EXPECT_EQ(remote.resolve("copied", {})->digest, index_);
    const auto content =
        to_.storage().find_blob("dst/app", oci::Digest::of(random_bytes(3'000'000, 1)));
    ASSERT_TRUE(content);
    EXPECT_EQ(tr::content_length(*content), 3'000'000U);
  }

  TestRegistry from_;
  TestRegistry to_;
  oci::Digest index_ = oci::Digest::of("");
  std::vector<oci::Digest> children_;
  test::FakeClock clock_;
  transport::CurlTransport transport_{{}};
  registry::Client client_{{.keychain = {.anonymous = true}}, transport_, clock_};
  ThreadPool pool_{64};
  std::map<BlobOutcome, int> outcomes_;
  int under_way_ = 0;  // blobs that have begun, all of which are sent
  int most_under_way_ = 0;
};

TEST_F(ExecuteTest, CopiesEveryBlobOnce) {
  run();
  expect_complete();
  EXPECT_EQ(outcomes_[BlobOutcome::kSent], 5);
  EXPECT_EQ(from_.interceptor().count("GET /v2/src/app/blobs/"), 5U)
      << "configs are read while planning and sent from memory";
}

struct AtATime {
  const char* name;
  std::size_t size;
  int most;
};
class BlobsAtATime : public ExecuteTest, public testing::WithParamInterface<AtATime> {};

TEST_P(BlobsAtATime, AreAsManyAsTheirBuffersAllow) {
  std::vector<std::string> layers;
  for (unsigned i = 0; i < 40; ++i) layers.push_back(random_bytes(GetParam().size, i));
  test::put_image(from_.storage(), "src/app", layers, "v1");
  run();
  EXPECT_EQ(outcomes_[BlobOutcome::kSent], 41);
  EXPECT_EQ(under_way_, 0);
  // The config is another one.
  EXPECT_LE(most_under_way_, GetParam().most + 1);
  EXPECT_GT(most_under_way_, 1);
}

INSTANTIATE_TEST_SUITE_P(Sizes, BlobsAtATime,
                         testing::Values(AtATime{"Large", 1U << 20U, 5},
                                         AtATime{"Medium", 100'000, 12}),
                         [](const auto& row) { return row.param.name; });

TEST_F(ExecuteTest, MovesNothingTheSecondTime) {
  run();
  to_.interceptor().forget_requests();
  from_.interceptor().forget_requests();
  run();
  EXPECT_EQ(to_.interceptor().count("P"), 0U) << "no POST, PATCH or PUT";
  EXPECT_THAT(outcomes_, testing::ElementsAre(std::pair(BlobOutcome::kAlreadyThere, 5)));
}

TEST_F(ExecuteTest, MountsWithinOneRegistryAndSendsNothing) {
  const oci::Repository destination{from_.address(), "dst/app"};
  run(destination);
  EXPECT_EQ(outcomes_[BlobOutcome::kMounted], 5);
  EXPECT_EQ(from_.interceptor().count("PATCH"), 0U);
  EXPECT_EQ(client_.repository(destination).resolve("copied", {})->digest, index_);
}

TEST_F(ExecuteTest, LeavesOutBlobsThatAreThere) {
  test::put_blob(to_.storage(), "dst/app", random_bytes(3'000'000, 1));
  run();
  expect_complete();
  EXPECT_EQ(outcomes_[BlobOutcome::kAlreadyThere], 1);
}

TEST_F(ExecuteTest, PushesChildrenBeforeTheIndexAndTheTagLast) {
  run();
  const std::vector<std::string> requests = to_.interceptor().requests();
  const auto is_manifest = [](const std::string& request) {
    return request.starts_with("PUT /v2/dst/app/manifests/");
  };
  const auto first = std::find_if(requests.begin(), requests.end(), is_manifest);
  std::vector<std::string> pushed(first, requests.end());
  EXPECT_TRUE(std::all_of(pushed.begin(), pushed.end(), is_manifest)) << "blobs come before all";
  ASSERT_EQ(pushed.size(), 3U);
  std::sort(pushed.begin(), pushed.begin() + 2);
  std::vector<std::string> wanted;
  for (const oci::Digest& child : children_)
    wanted.push_back("PUT /v2/dst/app/manifests/" + child.str());
  std::sort(wanted.begin(), wanted.end());
  wanted.push_back("PUT /v2/dst/app/manifests/copied");
  EXPECT_EQ(pushed, wanted);
}

TEST_F(ExecuteTest, GoesOnAfterAnUploadThatBreaks) {
  std::atomic<int> breaks = 2;
  to_.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    if (head.method == "PATCH" && breaks-- > 0) test::drop(response);
  });
  run();
  expect_complete();
}

struct Failure {
  const char* name;
  const char* method;
  int status;
};
class FailingDestination : public ExecuteTest, public testing::WithParamInterface<Failure> {};

TEST_P(FailingDestination, IsTriedAgain) {
  std::atomic<int> failures = 2;
  to_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != GetParam().method || failures-- <= 0) return std::nullopt;
    return tr::Response{GetParam().status};
  });
  run();
  expect_complete();
  EXPECT_LT(failures, 0) << "the failure was never met";
}

INSTANTIATE_TEST_SUITE_P(All, FailingDestination,
                         testing::Values(Failure{"Head429", "HEAD", 429},
                                         Failure{"Post503", "POST", 503},
                                         Failure{"Patch500", "PATCH", 500},
                                         Failure{"Put502", "PUT", 502},
                                         Failure{"Put429", "PUT", 429}),
                         [](const auto& row) { return row.param.name; });

TEST_F(ExecuteTest, SaysWhichBlobFailedAndWhy) {
  to_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "POST") return std::nullopt;
    return tr::error_response(403, "DENIED", "you may not push here");
  });
  EXPECT_THAT([&] { run(); },
              test::ThrowsError(ErrorKind::kForbidden, "DENIED: you may not push here"));
  EXPECT_FALSE(client_.repository({to_.address(), "dst/app"}).resolve("copied", {}));
}

TEST_F(ExecuteTest, DoesNotCommitWhatTheSourceFalsified) {
  from_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/blobs/") == std::string::npos) return;
    std::string body = test::body_of(response);
    if (body.size() < 1'000'000) return;
    body.back() = static_cast<char>(body.back() ^ 1);
    response.body = body;
  });
  EXPECT_THAT([&] { run(); },
              test::ThrowsError(ErrorKind::kDigestMismatch, "error verifying sha256 checksum"));
  EXPECT_FALSE(to_.storage().find_blob("dst/app", oci::Digest::of(random_bytes(3'000'000, 1))));
}

}  // namespace
}  // namespace tote::copy

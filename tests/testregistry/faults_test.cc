// Faults on purpose, and what serves those who look after a registry.
#include "testregistry/faults.h"

#include "testregistry/access_log.h"
#include "testregistry/metrics.h"
#include "testregistry/probes.h"
#include "tests/testregistry/protocol_fixture.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

class Greeter final : public Handler {
 public:
  Begun begin(const RequestHead&) override { return Response{200, {}, "hello"}; }
};

std::string statuses(const std::vector<Fault>& faults, std::uint64_t seed, int requests) {
  Greeter greeter;
  Faults handler(greeter, faults, seed);
  std::string text;
  for (int i = 0; i < requests; ++i)
    text += std::to_string(test::call(handler, {"GET", "/v2/", {}, {}, {}}).status / 100);
  return text;
}

TEST(Faults, StrikeTheSameRequestsOfTheSameSeed) {
  Fault half;
  half.status = 503;
  half.rate = 0.5;
  const std::string once = statuses({half}, 7, 64);
  EXPECT_EQ(once, statuses({half}, 7, 64));
  EXPECT_NE(once, statuses({half}, 8, 64));
  EXPECT_THAT(once, HasSubstr("2"));
  EXPECT_THAT(once, HasSubstr("5"));
}

TEST(Faults, SpareAndStopAsTold) {
  Fault some;
  some.status = 429;
  some.after = 2;
  some.times = 3;
  EXPECT_EQ(statuses({some}, 1, 8), "22444222");
}

TEST(Faults, AreForAMethodAndAPath) {
  Greeter greeter;
  Fault fault;
  fault.method = "GET";
  fault.path = "/v2/**/blobs/*";
  fault.status = 503;
  fault.retry_after = "2";
  Faults handler(greeter, {fault}, 1);
  const auto status = [&](const char* method, const char* path) {
    return test::call(handler, {method, path, {}, {}, {}}).status;
  };
  EXPECT_EQ(status("GET", "/v2/a/b/blobs/sha256:0"), 503);
  EXPECT_EQ(status("HEAD", "/v2/a/b/blobs/sha256:0"), 200);
  EXPECT_EQ(status("GET", "/v2/a/b/manifests/v1"), 200);
  const Response refused = test::call(handler, {"GET", "/v2/a/blobs/x", {}, {}, {}});
  EXPECT_EQ(header(refused, "Retry-After"), "2");
}

TEST(Faults, AddUp) {
  Greeter greeter;
  Fault slow;
  slow.mishap.delay = std::chrono::milliseconds(5);
  Fault cut;
  cut.mishap.cut_at = 3;
  Faults handler(greeter, {slow, slow, cut}, 1);
  const Response response = test::call(handler, {"GET", "/v2/", {}, {}, {}});
  ASSERT_TRUE(response.mishap);
  EXPECT_EQ(response.mishap->delay, std::chrono::milliseconds(10));
  EXPECT_EQ(response.mishap->cut_at, 3U);
}

TEST(Probes, AnswerInFrontOfEverything) {
  Greeter greeter;
  Probes probes(greeter, [] { return std::string("metrics\n"); });
  const auto ask = [&](const char* path) {
    const auto now = probes.answer_now({"GET", path, {}, {}, {}});
    return now ? *now : test::call(probes, {"GET", path, {}, {}, {}});
  };
  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_EQ(body_of(ask("/metrics")), "metrics\n");
  EXPECT_EQ(body_of(ask("/v2/")), "hello");
  probes.set_ready(false);
  EXPECT_EQ(ask("/livez").status, 200);
  EXPECT_EQ(ask("/readyz").status, 503);
  EXPECT_TRUE(Probes::is_probe("/metrics?x=1"));
  EXPECT_FALSE(Probes::is_probe("/v2/metrics"));
}

RequestRecord record() {
  return {"PUT", "/v2/a/blobs/uploads/1?digest=x", "127.0.0.1", "cli\"ent\n1", 201, 5,
          7,     std::chrono::microseconds(1500)};
}

TEST(Metrics, CountRequests) {
  Metrics metrics;
  metrics.count(record());
  metrics.count(record());
  const std::string text = metrics.text(3);
  for (const char* line :
       {"tote_requests_total{method=\"PUT\",code=\"201\"} 2\n",
        "tote_request_duration_seconds_bucket{le=\"0.001\"} 0\n",
        "tote_request_duration_seconds_bucket{le=\"0.005\"} 2\n",
        "tote_request_duration_seconds_bucket{le=\"+Inf\"} 2\n",
        "tote_request_duration_seconds_sum 0.003\n", "tote_request_duration_seconds_count 2\n",
        "tote_received_bytes_total 10\n", "tote_sent_bytes_total 14\n", "tote_connections 3\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(AccessLog, WritesOneLinePerRequestWhateverItHolds) {
  const std::chrono::system_clock::time_point time{std::chrono::seconds(1'800'000'000)};
  EXPECT_EQ(access_log_line(record(), LogFormat::kText, time),
            "2027-01-15T08:00:00Z 127.0.0.1 PUT \"/v2/a/blobs/uploads/1?digest=x\" 201 5 7 1.500ms "
            "\"cli\\\"ent\\n1\"");
  EXPECT_EQ(access_log_line(record(), LogFormat::kJson, time),
            R"({"time":"2027-01-15T08:00:00Z","remote":"127.0.0.1","method":"PUT",)"
            R"("target":"/v2/a/blobs/uploads/1?digest=x","status":201,"received":5,"sent":7,)"
            R"("milliseconds":1.500,"user_agent":"cli\"ent\n1"})");
}

}  // namespace
}  // namespace tote::testregistry

// Faults on purpose, and what serves those who look after a registry.
#include "testregistry/ops/faults.h"

#include "testregistry/http/server.h"
#include "testregistry/ops/access_log.h"
#include "testregistry/ops/metrics.h"
#include "testregistry/ops/probes.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http_connection.h"
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

TEST(Faults, SendElsewhere) {
  Greeter greeter;
  Fault whole;
  whole.status = 307;
  whole.redirect = "http://other.example:5000";
  Fault exact;
  exact.path = "/v2/exact/**";
  exact.status = 302;
  exact.redirect = "https://cdn.example/file?x=1";
  Faults handler(greeter, {exact, whole}, 1);
  const Response moved =
      test::call(handler, {"GET", "/v2/a b/blobs/x", {{"digest", "sha256:1"}, {"a", ""}}, {}, {}});
  EXPECT_EQ(moved.status, 307);
  EXPECT_EQ(header(moved, "Location"),
            "http://other.example:5000/v2/a%20b/blobs/x?digest=sha256%3A1&a=");
  const Response exactly = test::call(handler, {"GET", "/v2/exact/blobs/x", {}, {}, {}});
  EXPECT_EQ(exactly.status, 302);
  EXPECT_EQ(header(exactly, "Location"), "https://cdn.example/file?x=1");
}

TEST(Faults, ReplaceHeaders) {
  Greeter greeter;
  Fault fault;
  fault.headers = {{"Content-Type", "text/html"}, {"Docker-Content-Digest", "sha256:0"}};
  Faults handler(greeter, {fault}, 1);
  const Response changed = test::call(handler, {"GET", "/v2/", {}, {}, {}});
  EXPECT_EQ(header(changed, "Content-Type"), "text/html");
  EXPECT_EQ(header(changed, "Docker-Content-Digest"), "sha256:0");
  EXPECT_EQ(body_of(changed), "hello");
}

TEST(Faults, LetSoManyRequestsASecondPass) {
  Greeter greeter;
  test::FakeClock clock;
  Fault fault;
  fault.status = 429;
  fault.limit = 2;
  Faults handler(greeter, {fault}, 1, clock);
  std::string text;
  const auto ask = [&] {
    text += std::to_string(test::call(handler, {"GET", "/v2/", {}, {}, {}}).status / 100);
  };
  for (int i = 0; i < 4; ++i) ask();
  clock.advance(std::chrono::milliseconds(500));
  for (int i = 0; i < 2; ++i) ask();
  clock.advance(std::chrono::seconds(60));
  for (int i = 0; i < 3; ++i) ask();
  EXPECT_EQ(text, "224424224");
}

TEST(Faults, RefuseWhatComesWhileSoManyAreNotAnswered) {
  Greeter greeter;
  Fault fault;
  fault.status = 503;
  fault.concurrent = 2;
  Faults handler(greeter, {fault}, 1);
  const RequestHead head{"GET", "/v2/", {}, {}, {}};
  const Response first = test::call(handler, head);
  {
    const Response second = test::call(handler, head);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(test::call(handler, head).status, 503);
  }
  EXPECT_EQ(test::call(handler, head).status, 200) << "the second has been sent";
}

TEST(Faults, MakeBodiesLonger) {
  const test::TempDir dir;
  for (const std::uint64_t extra : {std::uint64_t{1}, std::uint64_t{300'000}}) {
    Fault fault;
    fault.mishap.extra = extra;
    for (const char* kind : {"memory", "small file", "large file"}) {
      const std::string content(std::string_view(kind) == "large file" ? 200'000 : 5, 'x');
      DirectoryStorage files(dir / fmt::format("{} {}", kind, extra));
      MemoryStorage memory;
      Storage& storage = std::string_view(kind) == "memory" ? static_cast<Storage&>(memory) : files;
      const auto digest = test::put_blob(storage, "app", content);
      RegistryHandler registry(storage);
      Faults handler(registry, {fault}, 1);
      const Server server(handler, {});
      const auto answer =
          test::HttpConnection(server.address()).ask("GET", "/v2/app/blobs/" + digest.str());
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, content + std::string(extra, '+')) << kind;
    }
  }
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
  return {"PUT", "/v2/a/blobs/uploads/1?digest=x&a", "127.0.0.1", "ann", "cli\"ent\n1", 201, 5,
          7,     std::chrono::microseconds(1500)};
}

TEST(Metrics, CountRequests) {
  Metrics metrics;
  metrics.count(record());
  metrics.count(record());
  const std::string text = metrics.text({"0.1.0", 3});
  for (const char* line :
       {"tote_requests_total{method=\"PUT\",code=\"201\"} 2\n",
        "tote_request_duration_seconds_bucket{le=\"0.001\"} 0\n",
        "tote_request_duration_seconds_bucket{le=\"0.005\"} 2\n",
        "tote_request_duration_seconds_bucket{le=\"+Inf\"} 2\n",
        "tote_request_duration_seconds_sum 0.003\n", "tote_request_duration_seconds_count 2\n",
        "tote_received_bytes_total 10\n", "tote_sent_bytes_total 14\n", "tote_connections 3\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, SayWhatIsStoredAndWhatWasCollected) {
  Metrics metrics;
  Collected done;
  done.manifests = 1;
  done.blobs = 2;
  done.bytes = 300;
  metrics.count(done);
  metrics.count(done);
  metrics.count_failed_collection();
  const std::string text =
      metrics.text({"1.2.3", 0, {4, 500}, {{"", 1000, 600}, {"team", 100, 0}}, 7, 8});
  for (const char* line :
       {"tote_stored_blobs 4\n", "tote_stored_bytes 500\n", "tote_collections_total 2\n",
        "tote_failed_collections_total 1\n", "tote_collected_manifests_total 2\n",
        "tote_collected_blobs_total 4\n", "tote_collected_bytes_total 600\n",
        "tote_quota_limit_bytes{prefix=\"*\"} 1000\n", "tote_quota_used_bytes{prefix=\"*\"} 600\n",
        "tote_quota_used_bytes{prefix=\"team\"} 0\n", "tote_refused_logins_total 7\n",
        "tote_dropped_log_lines_total 8\n", "tote_build_info{version=\"1.2.3\"} 1\n",
        "\nprocess_cpu_seconds_total ", "\nprocess_resident_memory_bytes ", "\nprocess_open_fds "})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(AccessLog, WritesOneLinePerRequestWhateverItHolds) {
  const std::chrono::system_clock::time_point time{std::chrono::seconds(1'800'000'000)};
  EXPECT_EQ(
      access_log_line(record(), LogFormat::kText, time),
      "2027-01-15T08:00:00Z 127.0.0.1 \"ann\" PUT \"/v2/a/blobs/uploads/1?digest=x&a\" 201 5 7 "
      "1.500ms \"cli\\\"ent\\n1\"");
  EXPECT_EQ(access_log_line(record(), LogFormat::kJson, time),
            R"({"time":"2027-01-15T08:00:00Z","remote":"127.0.0.1","user":"ann","method":"PUT",)"
            R"("target":"/v2/a/blobs/uploads/1?digest=x&a","status":201,"received":5,"sent":7,)"
            R"("milliseconds":1.500,"user_agent":"cli\"ent\n1"})");
  RequestRecord nobody = record();
  nobody.user = "";
  EXPECT_THAT(access_log_line(nobody, LogFormat::kText, time), HasSubstr(" 127.0.0.1 - PUT "));
}

}  // namespace
}  // namespace tote::testregistry

// A registry that is told to stop at a random moment, while clients push, pull, ask for tokens and
// send half of a body: its exit code is right, and what was acknowledged is in its snapshot.
#include "base/json.h"
#include "base/text.h"
#include "oci/digest.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <random>
#include <thread>

namespace tote {
namespace {

using test::Child;
using test::HttpConnection;

constexpr const char* kUsers =
    "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n";
constexpr const char* kPassword = "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n";
constexpr const char* kWrongPassword = "Authorization: Basic dXNlcjp3cm9uZw==\r\n";
constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";

// How often the registry is stopped; a longer run says so.
int rounds() {
  return static_cast<int>(parse_number(test::environment("TOTE_TEST_STOPS")).value_or(12));
}

// One push of an image of its own; false when the registry has gone.
bool push_image(HttpConnection& connection, unsigned number) {
  const std::string layer = test::random_bytes(1 + number % 300'000, number);
  for (const std::string& blob : {std::string("{}"), layer}) {
    const auto put = connection.ask(
        "POST", "/v2/app/blobs/uploads/?digest=" + oci::Digest::of(blob).str(), blob, kPassword);
    if (!put) return false;
    EXPECT_EQ(put->status, 201) << put->body;
  }
  const std::string manifest = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"{}"}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","size":{},"digest":"{}"}}]}})",
      kManifest, oci::Digest::of("{}").str(), layer.size(), oci::Digest::of(layer).str());
  const auto put = connection.ask("PUT", fmt::format("/v2/app/manifests/t{}", number), manifest,
                                  fmt::format("Content-Type: {}\r\n{}", kManifest, kPassword));
  return put && put->status == 201;
}

void push(const std::string& address, unsigned seed, std::atomic<int>& pushed) {
  HttpConnection connection(address);
  for (unsigned i = 0; push_image(connection, seed + i); ++i) {
    ++pushed;
    pushed.notify_all();
  }
}

void pull(const std::string& address) {
  HttpConnection connection(address);
  while (connection.ask("GET", "/v2/app/tags/list", "", kPassword)) {
  }
}

void ask_for_tokens(const std::string& address) {
  HttpConnection connection(address);
  while (connection.ask("GET", "/token?scope=repository:app:pull", "", kWrongPassword) &&
         connection.ask("POST", "/token", "grant_type=password&username=user&password=secret")) {
  }
}

// Bodies that stop in the middle, until the registry closes the connection.
void stall(const std::string& address, const std::string& request) {
  HttpConnection connection(address);
  connection.send(request);
  connection.read_to_end();
}

std::vector<std::string> stalled_requests() {
  return {"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ngra",
          fmt::format("POST /v2/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: x\r\n{}"
                      "Content-Length: 1000000\r\n\r\n{}",
                      oci::Digest::of("x").str(), kPassword, std::string(300'000, 'x')),
          fmt::format("PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\n{}Content-Type: {}\r\n"
                      "Content-Length: 100\r\n\r\n{{",
                      kPassword, kManifest)};
}

enum class End { kSignal, kGraceOver, kCommand };

class ServeStop : public testing::Test {
 protected:
  std::vector<std::string> command(End end, unsigned milliseconds) {
    std::vector<std::string> words{test::program_path(),
                                   "registry",
                                   "serve",
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--htpasswd",
                                   users_,
                                   "--auth",
                                   "token",
                                   "--snapshot",
                                   snapshot_,
                                   "--grace",
                                   end == End::kSignal ? "10s" : "1ms"};
    if (end == End::kCommand)
      for (const std::string& word :
           {std::string("--"), std::string("sh"), std::string("-c"),
            fmt::format(
                "echo \"{{\\\"address\\\":\\\"$TOTE_REGISTRY\\\"}}\"; sleep 0.{:03}; exit 7",
                milliseconds)})
        words.push_back(word);
    return words;
  }

  void stop_once(End end, std::mt19937& random) {
    std::filesystem::remove(snapshot_);
    const auto milliseconds = static_cast<unsigned>(random() % 60);
    Child server(command(end, milliseconds), {});
    const std::string address = Json::parse(server.read_line(), "ready").at("address").string();
    std::atomic<int> pushed = 0;
    {
      std::vector<std::jthread> clients;
      for (unsigned i = 0; i < 2; ++i)
        clients.emplace_back(push, address, static_cast<unsigned>(random()), std::ref(pushed));
      clients.emplace_back(pull, address);
      clients.emplace_back(ask_for_tokens, address);
      // A signal that waits for what is in flight would wait for these until their time is over.
      if (end != End::kSignal)
        for (const std::string& request : stalled_requests())
          clients.emplace_back(stall, address, request);
      // However slow the machine is, some stops come when there is something to lose.
      if (end == End::kGraceOver) pushed.wait(0);
      // Not a wait for anything: the moment of the stop is what varies.
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      if (end != End::kCommand) server.signal(SIGTERM);
    }
    const auto ended = server.wait();
    EXPECT_EQ(ended.exit_code, end == End::kCommand ? 7 : 0) << ended.err;
    EXPECT_TRUE(pushed == 0 || std::filesystem::exists(snapshot_)) << ended.err;
    pushed_ += pushed;
  }

  void SetUp() override { test::write_text(users_, kUsers); }

  const test::TempDir dir_;
  const std::string users_ = (dir_ / "users").string();
  const std::string snapshot_ = (dir_ / "snapshot.tar").string();
  int pushed_ = 0;
};

TEST_F(ServeStop, KeepsItsExitCodeAndItsSnapshotWhateverIsInFlight) {
  std::mt19937 random(1);
  for (int i = 0; i < rounds() && !HasFailure(); ++i) stop_once(static_cast<End>(i % 3), random);
  EXPECT_GT(pushed_, 0);
}

}  // namespace
}  // namespace tote

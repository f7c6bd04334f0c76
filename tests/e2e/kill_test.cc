// kill -9 under load: nothing that was acknowledged is lost, nothing unverified is served.
#include "base/json.h"
#include "base/text.h"
#include "oci/digest.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>

namespace tote {
namespace {

using test::Child;
using test::HttpConnection;

constexpr int kKillsPerTest = 100;
constexpr int kWriters = 3;

std::string digest_of(const std::string& bytes) {
  return oci::Digest::of(bytes).str();
}

// What the registry has said yes to. Of one writer.
struct Acknowledged {
  std::map<std::string, std::string> blobs;      // digest -> bytes
  std::map<std::string, std::string> manifests;  // digest -> bytes
  std::map<std::string, std::string> tags;       // tag -> digest
  std::map<std::string, std::uint64_t> uploads;  // location -> bytes it has
  std::string tag_in_flight;                     // asked for and not answered:
  std::string digest_in_flight;                  // it may point here, or where it did
};

// Pushes images of its own, in every way there is, until the connection breaks.
class Writer {
 public:
  Writer(const std::string& address, int number, unsigned seed, Acknowledged& acknowledged)
      : connection_(address), number_(number), random_(seed), done_(acknowledged) {}

  void work() {
    while (push_image()) {
    }
  }

 private:
  std::string repository() const { return fmt::format("r{}", number_); }

  bool push_image() {
    const std::string layer =
        test::random_bytes(1 + random_() % 200'000, static_cast<unsigned>(random_()));
    if (!push_blob("{}") || !push_blob(layer)) return false;
    const std::string type = "application/vnd.oci.image.manifest.v1+json";
    const std::string manifest = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"c","size":2,"digest":"{}"}},"layers":[{{"mediaType":"l","size":{},"digest":"{}"}}]}})",
        type, digest_of("{}"), layer.size(), digest_of(layer));
    const std::string tag = fmt::format("t{}", random_() % 5);
    done_.tag_in_flight = tag;
    done_.digest_in_flight = digest_of(manifest);
    const auto put = connection_.ask("PUT", "/v2/" + repository() + "/manifests/" + tag, manifest,
                                     "Content-Type: " + type + "\r\n");
    if (!put) return false;
    EXPECT_EQ(put->status, 201) << put->body;
    done_.manifests[digest_of(manifest)] = manifest;
    done_.tags[tag] = digest_of(manifest);
    done_.tag_in_flight.clear();
    return true;
  }

  bool push_blob(const std::string& bytes) {
    const std::string uploads = "/v2/" + repository() + "/blobs/uploads/";
    if (random_() % 2 == 0)
      return acknowledge(connection_.ask("POST", uploads + "?digest=" + digest_of(bytes), bytes),
                         bytes);
    const auto begun = connection_.ask("POST", uploads);
    if (!begun) return false;
    const std::string location = begun->headers.at("location");
    const std::size_t half = bytes.size() / 2;
    const auto patched = connection_.ask("PATCH", location, bytes.substr(0, half));
    if (!patched) return false;
    EXPECT_EQ(patched->status, 202);
    if (half > 0) done_.uploads[location] = half;
    const auto put =
        connection_.ask("PUT", location + "?digest=" + digest_of(bytes), bytes.substr(half));
    done_.uploads.erase(location);  // committed, or, unanswered, maybe
    return acknowledge(put, bytes);
  }

  bool acknowledge(const std::optional<test::HttpAnswer>& answer, const std::string& bytes) {
    if (!answer) return false;
    EXPECT_EQ(answer->status, 201) << answer->body;
    done_.blobs[digest_of(bytes)] = bytes;
    return true;
  }

  HttpConnection connection_;
  int number_;
  std::mt19937 random_;
  Acknowledged& done_;
};

// Whether an answer with that digest is what it says.
void expect_content(HttpConnection& connection, const std::string& target,
                    const std::string& digest) {
  const auto got = connection.ask("GET", target);
  ASSERT_TRUE(got) << target;
  EXPECT_EQ(got->status, 200) << target;
  EXPECT_EQ(digest_of(got->body), digest) << target;
}

class KillTest : public testing::TestWithParam<int> {
 protected:
  std::unique_ptr<Child> serve(std::string& address) {
    auto child = std::make_unique<Child>(
        std::vector<std::string>{test::program_path(), "registry", "serve", "--listen",
                                 "127.0.0.1:0", "--dir", (dir_ / "r").string(), "--gc-interval",
                                 "20ms", "--gc-grace", "10m"},
        test::ProgramOptions{});
    address = Json::parse(child->read_line(), "ready").at("address").string();
    return child;
  }

  // What was in flight is settled by this.
  void check(const std::string& address, int number, Acknowledged& done) {
    HttpConnection connection(address);
    const std::string repository = fmt::format("/v2/r{}", number);
    for (const auto& [digest, bytes] : done.blobs)
      expect_content(connection, repository + "/blobs/" + digest, digest);
    for (const auto& [digest, bytes] : done.manifests)
      expect_content(connection, repository + "/manifests/" + digest, digest);
    for (auto& [tag, digest] : done.tags) {
      const auto head = connection.ask("HEAD", repository + "/manifests/" + tag);
      ASSERT_TRUE(head);
      ASSERT_EQ(head->status, 200) << tag;
      const std::string is = head->headers.at("docker-content-digest");
      if (tag == done.tag_in_flight && is == done.digest_in_flight) digest = is;
      EXPECT_EQ(is, digest) << tag;
    }
    done.tag_in_flight.clear();
    for (const auto& [location, size] : done.uploads) {
      const auto status = connection.ask("GET", location);
      ASSERT_TRUE(status);
      EXPECT_EQ(status->headers.at("range"), fmt::format("0-{}", size - 1));
    }
  }

  // Every file of the pool, whether acknowledged or not, is what its name says.
  void check_pool() {
    for (const auto& file : std::filesystem::directory_iterator(dir_.path() / "r/blobs/sha256"))
      EXPECT_EQ(digest_of(test::read_text(file.path())),
                "sha256:" + file.path().filename().string());
  }

  test::TempDir dir_;
};

// One seed says nearly as much as four (hack/test.sh full).
INSTANTIATE_TEST_SUITE_P(Seeds, KillTest,
                         testing::Range(1, test::environment("TOTE_LONG_TESTS").empty() ? 2 : 5));

TEST_P(KillTest, LosesNothingThatWasAcknowledged) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  std::vector<Acknowledged> done(kWriters);
  std::string address;
  for (int kill = 0; kill < kKillsPerTest; ++kill) {
    const std::unique_ptr<Child> server = serve(address);
    for (int i = 0; i < kWriters; ++i) {
      check(address, i, done[static_cast<std::size_t>(i)]);
      // Enough was seen of what was there; what comes now is this round's.
      done[static_cast<std::size_t>(i)].blobs.clear();
      done[static_cast<std::size_t>(i)].manifests.clear();
      done[static_cast<std::size_t>(i)].uploads.clear();
    }
    if (HasFailure()) break;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i)
      writers.emplace_back([&, i, seed = random()] {
        Writer(address, i, static_cast<unsigned>(seed), done[static_cast<std::size_t>(i)]).work();
      });
    // Not a wait for anything: the moment of the kill is what varies.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    server->signal(SIGKILL);
    for (std::thread& writer : writers) writer.join();
    server->wait();
  }
  const std::unique_ptr<Child> server = serve(address);
  for (int i = 0; i < kWriters; ++i) check(address, i, done[static_cast<std::size_t>(i)]);
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait().exit_code, 0);
  check_pool();
}

}  // namespace
}  // namespace tote

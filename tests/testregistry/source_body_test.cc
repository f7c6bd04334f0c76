// Contents that are kept elsewhere, on their way through the server: sent as they come, or fetched
// by the client itself.
#include "base/error.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/http/server.h"
#include "testregistry/ops/faults.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <set>
#include <thread>

namespace tote::testregistry {
namespace {

using test::HttpConnection;
using testing::HasSubstr;

// What a source does, and what has happened to it.
struct Script {
  std::string bytes;
  std::size_t piece = SIZE_MAX;     // at most so much at a time
  std::size_t fails_at = SIZE_MAX;  // throws there
  std::size_t ends_at = SIZE_MAX;   // has no more than that
  std::size_t waits_at = SIZE_MAX;  // for `go`, before it goes on from there
  bool refuses = false;             // open() throws
  std::string url = {};             // where clients can fetch it
  std::promise<void> waiting = {};  // it does
  std::promise<void> go = {};
  std::promise<std::thread::id> gone = {};  // which thread has let go of it
  test::Noted<std::string> opened = {};     // "OFFSET+LENGTH"
};

class ScriptedSource final : public Source {
 public:
  ScriptedSource(std::shared_ptr<Script> script, std::uint64_t offset)
      : script_(std::move(script)), at_(offset) {}
  ~ScriptedSource() override { script_->gone.set_value(std::this_thread::get_id()); }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (at_ == script_->waits_at) {
      script_->waiting.set_value();
      script_->go.get_future().wait();
      script_->waits_at = SIZE_MAX;
    }
    if (at_ == script_->fails_at) throw Error(ErrorKind::kTransport, "the other side has gone");
    const std::size_t stop =
        std::min({script_->bytes.size(), script_->ends_at, script_->fails_at, script_->waits_at});
    const std::size_t n = std::min({stop - at_, out.size(), script_->piece});
    std::copy_n(as_bytes(script_->bytes).begin() + static_cast<std::ptrdiff_t>(at_), n,
                out.begin());
    at_ += n;
    return n;
  }

 private:
  const std::shared_ptr<Script> script_;
  std::size_t at_;
};

class ScriptedBytes final : public RemoteBytes {
 public:
  explicit ScriptedBytes(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  std::unique_ptr<Source> open(std::uint64_t offset, std::uint64_t length) const override {
    if (script_->refuses) throw Error(ErrorKind::kTransport, "nobody is there");
    script_->opened.set(fmt::format("{}+{}", offset, length));
    return std::make_unique<ScriptedSource>(script_, offset);
  }
  std::string url() const override { return script_->url; }

 private:
  const std::shared_ptr<Script> script_;
};

// Has one blob, in every repository.
class RemoteBlob final : public BlobReader {
 public:
  RemoteBlob(std::shared_ptr<Script> script, std::uint64_t size)
      : bytes_(std::make_shared<ScriptedBytes>(std::move(script))), size_(size) {}

  std::optional<Content> find_blob(const std::string&, const oci::Digest&, Use) override {
    return RemoteRange{bytes_, 0, size_};
  }
  // Asked on the thread of all connections.
  bool is_blob_in_memory(const std::string&, const oci::Digest&, Use) override {
    connection_thread_.set(std::this_thread::get_id());
    return false;
  }
  std::thread::id connection_thread() const { return connection_thread_.get(); }

 private:
  const std::shared_ptr<const RemoteBytes> bytes_;
  const std::uint64_t size_;
  test::Noted<std::thread::id> connection_thread_;
};

const std::string kPath = "/v2/app/blobs/sha256:" + std::string(64, '0');

class SourceBodyTest : public testing::Test {
 protected:
  // `size`: what the store says of it.
  void serve(ServerOptions options = {}, std::optional<std::uint64_t> size = {}) {
    blob_ = std::make_unique<RemoteBlob>(script_, size.value_or(script_->bytes.size()));
    registry_ = std::make_unique<RegistryHandler>(StorageReader(*blob_, records_));
    faults_ = std::make_unique<Faults>(*registry_, std::vector<Fault>{fault_}, 1);
    options.log = [this](std::string_view line) { logged_.set(std::string(line)); };
    Handler& handler = has_fault_ ? static_cast<Handler&>(*faults_) : *registry_;
    server_ = std::make_unique<Server>(handler, std::move(options));
  }
  std::string address() const { return server_->address(); }

  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  Fault fault_ = {};
  bool has_fault_ = false;
  test::Noted<std::string> logged_;
  MemoryStorage records_;
  std::unique_ptr<RemoteBlob> blob_;
  std::unique_ptr<RegistryHandler> registry_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<Server> server_;
};

TEST_F(SourceBodyTest, IsSentAsItComesWithoutHoldingOthersUp) {
  script_->bytes = "first and second";
  script_->waits_at = 6;
  ServerOptions options;
  options.worker_threads = 1;
  serve(options);
  HttpConnection connection(address());
  connection.send("GET " + kPath + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(connection.read_until("first "), HasSubstr("Content-Length: 16\r\n"));
  script_->waiting.get_future().wait();
  EXPECT_EQ(HttpConnection(address()).ask("GET", "/v2/")->status, 200);
  EXPECT_EQ(HttpConnection(address()).ask("GET", "/v2/app/tags/list")->status, 404)
      << "though this one needs a worker";
  script_->go.set_value();
  EXPECT_EQ(connection.read_until("second"), "and second");
  EXPECT_EQ(connection.ask("GET", "/v2/")->status, 200) << "on the same connection";
}

struct Piece {
  const char* name;
  std::size_t size;
  std::size_t piece;
};
class SourceBodyPieces : public SourceBodyTest, public testing::WithParamInterface<Piece> {};

TEST_P(SourceBodyPieces, ArriveWhole) {
  script_->bytes = test::random_bytes(GetParam().size, 1);
  script_->piece = GetParam().piece;
  serve();
  const auto answer = HttpConnection(address()).ask("GET", kPath);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->body == script_->bytes);
}

INSTANTIATE_TEST_SUITE_P(All, SourceBodyPieces,
                         testing::Values(Piece{"Nothing", 0, 1}, Piece{"OneByte", 1, 1},
                                         Piece{"SingleBytes", 1000, 1},
                                         Piece{"OddPieces", 100'000, 777},
                                         Piece{"OneBuffer", 128 * 1024, SIZE_MAX},
                                         Piece{"OneMore", 128 * 1024 + 1, SIZE_MAX},
                                         Piece{"Large", 5'000'000, SIZE_MAX}),
                         [](const auto& row) { return row.param.name; });

TEST_F(SourceBodyTest, IsNotOpenedForHead) {
  script_->bytes = "0123456789";
  script_->url = "https://store.example/x";
  serve();
  HttpConnection connection(address());
  connection.send("HEAD " + kPath + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = connection.read_answer(true);
  EXPECT_EQ(answer->status, 200) << "a URL that is signed for GET is no good for HEAD";
  EXPECT_EQ(answer->headers.at("content-length"), "10");
  EXPECT_EQ(script_->opened.get(), "");
  EXPECT_EQ(connection.ask("GET", "/v2/")->status, 200);
}

TEST_F(SourceBodyTest, HasRanges) {
  script_->bytes = "0123456789";
  serve();
  const auto answer = HttpConnection(address()).ask("GET", kPath, "", "Range: bytes=2-4\r\n");
  EXPECT_EQ(answer->status, 206);
  EXPECT_EQ(answer->headers.at("content-range"), "bytes 2-4/10");
  EXPECT_EQ(answer->body, "234");
  EXPECT_EQ(script_->opened.get(), "2+3") << "no more is fetched than is asked for";
}

struct Failure {
  const char* name;
  bool refuses;
  std::size_t fails_at;
  std::size_t ends_at;
  const char* why;
};
class SourceBodyFailures : public SourceBodyTest, public testing::WithParamInterface<Failure> {
 protected:
  SourceBodyFailures() {
    script_->bytes = std::string(300'000, 'x');
    script_->refuses = GetParam().refuses;
    script_->fails_at = GetParam().fails_at;
    script_->ends_at = GetParam().ends_at;
    serve();
  }
  // A failure has been logged before the client sees it.
  void expect_log() { EXPECT_EQ(logged_.get(), fmt::format("GET {}: {}", kPath, GetParam().why)); }
};

class BeforeTheFirstByte : public SourceBodyFailures {};
TEST_P(BeforeTheFirstByte, IsAnAnswer) {
  const auto answer = HttpConnection(address()).ask("GET", kPath);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_THAT(answer->body, HasSubstr("its log says why"));
  expect_log();
}
INSTANTIATE_TEST_SUITE_P(
    All, BeforeTheFirstByte,
    testing::Values(Failure{"Refused", true, SIZE_MAX, SIZE_MAX, "nobody is there"},
                    Failure{"Failed", false, 0, SIZE_MAX, "the other side has gone"},
                    Failure{"Empty", false, SIZE_MAX, 0,
                            "the content ends after 0 of 300000 bytes"}),
    [](const auto& row) { return row.param.name; });

class InMidBody : public SourceBodyFailures {};
TEST_P(InMidBody, EndsTheConnectionSoThatNobodyTakesItForWhole) {
  HttpConnection connection(address());
  connection.send("GET " + kPath + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(all, HasSubstr("Content-Length: 300000\r\n"));
  EXPECT_LT(all.size() - all.find("\r\n\r\n") - 4, 300'000U);
  expect_log();
}
INSTANTIATE_TEST_SUITE_P(
    All, InMidBody,
    testing::Values(Failure{"FailedAtOnce", false, 1, SIZE_MAX, "the other side has gone"},
                    Failure{"FailedLate", false, 299'999, SIZE_MAX, "the other side has gone"},
                    Failure{"Ended", false, SIZE_MAX, 200'000,
                            "the content ends after 200000 of 300000 bytes"}),
    [](const auto& row) { return row.param.name; });

TEST_F(SourceBodyTest, IsNotReadBeyondWhatTheHeadSays) {
  script_->bytes = "0123456789";
  serve({}, 4);
  HttpConnection connection(address());
  EXPECT_EQ(connection.ask("GET", kPath)->body, "0123");
  EXPECT_EQ(connection.ask("GET", "/v2/")->status, 200);
}

TEST_F(SourceBodyTest, IsLetGoOfByAWorkerWhenTheClientLeaves) {
  script_->bytes = std::string(64U << 20U, 'x');
  serve();
  {
    HttpConnection connection(address());
    connection.send("GET " + kPath + " HTTP/1.1\r\nHost: x\r\n\r\n");
    connection.read_until("\r\n\r\n");
  }
  auto gone = script_->gone.get_future();
  ASSERT_EQ(gone.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_NE(gone.get(), blob_->connection_thread());
  EXPECT_EQ(HttpConnection(address()).ask("GET", "/v2/")->status, 200);
}

TEST_F(SourceBodyTest, IsWaitedForWhenTheServerStops) {
  script_->bytes = "first and second";
  script_->waits_at = 6;
  serve();
  HttpConnection connection(address());
  connection.send("GET " + kPath + " HTTP/1.1\r\nHost: x\r\n\r\n");
  script_->waiting.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server_.reset(); });
  script_->go.set_value();
  stopped.get();
  EXPECT_EQ(script_->gone.get_future().wait_for(std::chrono::seconds(0)),
            std::future_status::ready);
}

TEST_F(SourceBodyTest, EndsTheConnectionOfHttp10AfterItsLastByte) {
  script_->bytes = "0123456789";
  serve();
  HttpConnection connection(address());
  connection.send("GET " + kPath + " HTTP/1.0\r\n\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(all.ends_with("\r\n\r\n0123456789"));
}

TEST_F(SourceBodyTest, MeetsFaultsLikeAnyOther) {
  script_->bytes = std::string(200'000, 'x');
  has_fault_ = true;
  fault_.mishap.corrupt_at = 150'000;
  fault_.mishap.extra = 2;
  serve();
  const auto answer = HttpConnection(address()).ask("GET", kPath);
  ASSERT_TRUE(answer);
  std::string expected = script_->bytes + "++";
  expected[150'000] ^= 1;
  EXPECT_TRUE(answer->body == expected);
}

TEST_F(SourceBodyTest, GoesThroughTls) {
  const test::TempDir dir;
  const test::TlsFiles files(dir);
  script_->bytes = test::random_bytes(1'000'000, 2);
  serve(ServerOptions{
      .tls = ServerTls{test::read_text(files.certificate), test::read_text(files.key)}});
  const auto got =
      test::run({"curl", "-sS", "--cacert", files.certificate.string(), server_->url() + kPath});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_TRUE(got.out == script_->bytes);
}

TEST_F(SourceBodyTest, IsFetchedByTheClientItselfWhereTheStoreHasAUrl) {
  script_->bytes = "0123456789";
  script_->url = "https://store.example/blob?signature=1";
  serve();
  HttpConnection connection(address());
  for (const char* range : {"", "Range: bytes=2-4\r\n"}) {
    const auto answer = connection.ask("GET", kPath, "", range);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 307);
    EXPECT_EQ(answer->headers.at("location"), script_->url);
    EXPECT_EQ(answer->headers.at("content-length"), "0");
    EXPECT_EQ(answer->body, "");
  }
  EXPECT_EQ(script_->opened.get(), "") << "nothing goes through the registry";
}

}  // namespace
}  // namespace tote::testregistry

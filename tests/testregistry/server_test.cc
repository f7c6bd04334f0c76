// The server as bytes on a socket.
#include "testregistry/http/server.h"

#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tote::testregistry {
namespace {

using test::TestRegistry;

class Connection {
 public:
  explicit Connection(const TestRegistry& registry) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const std::string address = registry.address();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }

  void send(std::string_view text) { write_all(fd_.get(), as_bytes(text)); }

  // Until the server closes.
  std::string read_to_end() {
    std::string all;
    std::array<char, 65536> chunk{};
    for (;;) {
      const ssize_t n = ::read(fd_.get(), chunk.data(), chunk.size());
      if (n <= 0) return all;
      all.append(chunk.data(), static_cast<std::size_t>(n));
    }
  }

  // Until so many bytes or `mark` have come.
  std::string read_until(const std::string& mark) {
    std::string all;
    std::array<char, 1> one{};
    while (all.find(mark) == std::string::npos && ::read(fd_.get(), one.data(), 1) == 1)
      all += one[0];
    return all;
  }

 private:
  UniqueFd fd_;
};

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
  TestRegistry registry;
  Connection connection(registry);
  connection.send(
      "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"
      "HEAD /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string all = connection.read_to_end();
  std::size_t answers = 0;
  for (std::size_t at = all.find("HTTP/1.1 200"); at != std::string::npos;
       at = all.find("HTTP/1.1 200", at + 1))
    ++answers;
  EXPECT_EQ(answers, 3U);
  EXPECT_TRUE(all.ends_with("Content-Length: 2\r\nConnection: close\r\n\r\n"))
      << "no body for HEAD";
}

struct Hostile {
  const char* name;
  std::string request;
  const char* answer;
};
class HostileRequest : public testing::TestWithParam<Hostile> {};

TEST_P(HostileRequest, IsRefusedAndTheServerLives) {
  TestRegistry registry;
  {
    Connection connection(registry);
    connection.send(GetParam().request);
    EXPECT_TRUE(connection.read_to_end().starts_with(GetParam().answer));
  }
  Connection again(registry);
  again.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(again.read_to_end().starts_with("HTTP/1.1 200"));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileRequest,
    testing::Values(
        Hostile{"Nonsense", "hello\r\n\r\n", "HTTP/1.1 400"},
        Hostile{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
                "HTTP/1.1 400"},
        Hostile{"HugeHeader", "GET /v2/ HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
                "HTTP/1.1 431"},
        Hostile{"BadChunk",
                "POST "
                "/v2/a/blobs/uploads/"
                "?digest=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 400"},
        Hostile{"OtherCoding",
                "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"
                "GET /v2/b/tags/list HTTP/1.1\r\nHost: x\r\n\r\n",
                "HTTP/1.1 501"},
        Hostile{"NoHost", "GET /v2/ HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
        Hostile{"TwoHosts", "GET /v2/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "HTTP/1.1 400"},
        Hostile{"NoPath", "GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 400"},
        Hostile{"Escape",
                "GET /v2/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 404"},
        Hostile{"EncodedEscape",
                "GET /v2/%2e%2e/manifests/%2e%2e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 400"},
        Hostile{"TwoLengths",
                "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: "
                "2\r\n\r\nxx",
                "HTTP/1.1 400"}),
    [](const auto& row) { return row.param.name; });

TEST(Server, TakesChunkedBodies) {
  TestRegistry registry;
  const std::string digest = oci::Digest::of("hello").str();
  Connection connection(registry);
  connection.send(
      fmt::format("POST /v2/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                  "chunked\r\nConnection: close\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
                  digest));
  EXPECT_TRUE(connection.read_to_end().starts_with("HTTP/1.1 201"));
}

TEST(Server, SaysContinueBeforeALargeBodyAndRefusesWithoutOne) {
  TestRegistry registry;
  const std::string digest = oci::Digest::of("hello").str();
  Connection good(registry);
  good.send(
      fmt::format("POST /v2/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: "
                  "x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
                  digest));
  EXPECT_EQ(good.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  good.send("hello");
  EXPECT_TRUE(good.read_until("\r\n\r\n").starts_with("HTTP/1.1 201"));

  Connection bad(registry);
  bad.send(
      "PUT /v2/app/blobs/uploads/x?digest=nonsense HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(bad.read_until("\r\n\r\n").starts_with("HTTP/1.1 400"));
}

// Says when the bodies of requests were given up, or finished.
class TellsTheEnd final : public Handler {
 public:
  TellsTheEnd(Handler& inner, std::promise<void>& ended) : inner_(inner), ended_(ended) {}

  Begun begin(const RequestHead& head) override {
    Begun begun = inner_.begin(head);
    if (auto* exchange = std::get_if<std::unique_ptr<Exchange>>(&begun))
      return std::make_unique<Telling>(std::move(*exchange), ended_);
    return begun;
  }

 private:
  class Telling final : public Exchange {
   public:
    Telling(std::unique_ptr<Exchange> inner, std::promise<void>& ended)
        : inner_(std::move(inner)), ended_(ended) {}
    ~Telling() override {
      inner_.reset();
      ended_.set_value();
    }
    void on_body(ConstBytes data) override { inner_->on_body(data); }
    Response finish() override { return inner_->finish(); }

   private:
    std::unique_ptr<Exchange> inner_;
    std::promise<void>& ended_;
  };

  Handler& inner_;
  std::promise<void>& ended_;
};

TEST(Server, KeepsWhatArrivedBeforeAConnectionBroke) {
  std::promise<void> ended;
  TestRegistry registry(
      [&](Handler& inner) { return std::make_unique<TellsTheEnd>(inner, ended); });
  const std::string session = registry.storage().begin_upload("app");
  {
    Connection connection(registry);
    connection.send(
        fmt::format("PATCH /v2/app/blobs/uploads/{} HTTP/1.1\r\nHost: "
                    "x\r\nContent-Length: 100\r\n\r\nhalf",
                    session));
  }
  // The server takes the four bytes when it notices that no more will come.
  ASSERT_EQ(ended.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  Connection status(registry);
  status.send(fmt::format(
      "GET /v2/app/blobs/uploads/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", session));
  const std::string answer = status.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204")) << answer;
  EXPECT_NE(answer.find("Range: 0-3"), std::string::npos) << answer;
}

TEST(Server, ReportsAnAddressInUse) {
  TestRegistry registry;
  const std::string address = registry.address();
  ServerOptions options;
  options.listen[0].port =
      static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  EXPECT_THAT([&] { TestRegistry second(options); },
              test::ThrowsError(ErrorKind::kIo, "listen on 127.0.0.1:"));
}

TEST(Server, EndsWithConnectionsOpen) {
  auto registry = std::make_unique<TestRegistry>();
  Connection idle(*registry);
  Connection half(*registry);
  half.send("POST /v2/app/blobs/uploads/ HTTP/1.1\r\nContent-Le");
  registry.reset();
  EXPECT_EQ(idle.read_to_end(), "");
}

TEST(Server, SpeaksTls) {
  const test::TempDir dir;
  const test::TlsFiles files(dir);
  TestRegistry registry(ServerOptions{
      .tls = ServerTls{test::read_text(files.certificate), test::read_text(files.key)}});
  const std::string bytes = test::random_bytes(3'000'000, 1);
  const auto digest = test::put_blob(registry.storage(), "app", bytes);
  const auto got = test::run({"curl", "-sS", "--cacert", files.certificate.string(),
                              registry.url() + "/v2/app/blobs/" + digest.str()});
  EXPECT_EQ(got.exit_code, 0) << got.err;
  EXPECT_TRUE(got.out == bytes);
  EXPECT_THAT(
      [] {
        TestRegistry broken(ServerOptions{.tls = ServerTls{"no", "pem"}});
      },
      test::ThrowsError(ErrorKind::kParse, "TLS: the certificate: "));
}

}  // namespace
}  // namespace tote::testregistry

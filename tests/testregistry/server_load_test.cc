// What the server does for many clients at once, and with what it will not take.
#include "base/error.h"
#include "testregistry/access/access.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/http/filter.h"
#include "testregistry/http/server.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <latch>

namespace tote::testregistry {
namespace {

using test::HttpConnection;
using testing::HasSubstr;

// Requests of "/slow" wait, as if for a password hash, until they are let go.
class SlowPasswords final : public Handler {
 public:
  Lane lane(const RequestHead& head) override {
    return head.path == "/slow" ? Lane::kPasswords : Lane::kStorage;
  }
  Begun begin(const RequestHead& head) override {
    if (head.path == "/slow") {
      if (!arrived_.try_wait()) arrived_.count_down();
      go_.wait();
    }
    return Response{200, {}, "done"};
  }
  void wait_for_one() { arrived_.wait(); }
  void let_go() { go_.count_down(); }

 private:
  std::latch arrived_{1};
  std::latch go_{1};
};

constexpr const char* kSlow = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ServerUnderLoad, KeepsSlowPasswordsFromHoldingOthersUp) {
  SlowPasswords handler;
  ServerOptions options;
  options.worker_threads = 1;
  options.password_threads = 1;
  options.max_waiting_passwords = 1;
  const Server server(handler, options);
  HttpConnection first(server.address());
  first.send(kSlow);
  handler.wait_for_one();
  HttpConnection second(server.address());
  second.send(kSlow);
  // Answered on the same thread, so the second waits by now.
  EXPECT_EQ(HttpConnection(server.address()).ask("GET", "/fast")->body, "done");
  const auto refused = HttpConnection(server.address()).ask("GET", "/slow");
  handler.let_go();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  EXPECT_THAT(refused->body, HasSubstr("TOOMANYREQUESTS"));
  EXPECT_EQ(first.read_answer()->body, "done");
  EXPECT_EQ(second.read_answer()->body, "done");
  EXPECT_EQ(HttpConnection(server.address()).ask("GET", "/slow")->status, 200);
}

TEST(ServerUnderLoad, AnswersAFormThatIsTooLongBeforeItsEnd) {
  MemoryStorage storage;
  RegistryHandler registry(storage);
  Users users(Htpasswd::single("user", "secret"));
  AccessOptions access_options{AccessRules::simple({})};
  access_options.scheme = AuthScheme::kToken;
  Access access(registry, users, access_options);
  const Server server(access, {});
  HttpConnection by_length(server.address());
  by_length.send("POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(by_length.read_answer()->status, 413);
  HttpConnection in_chunks(server.address());
  in_chunks.send("POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string piece = fmt::format("{:x}\r\n{}\r\n", 10'000, std::string(10'000, 'x'));
  for (int i = 0; i < 7; ++i) in_chunks.send(piece);
  const auto answer = in_chunks.read_answer();
  ASSERT_TRUE(answer) << "though there is no last chunk";
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->headers.at("connection"), "close");
}

TEST(ServerUnderLoad, AnswersAnUploadOverTheQuotaBeforeItsEnd) {
  MemoryStorage storage;
  Quotas quotas;
  quotas.set_limit("", 1000);
  quotas.watch(storage);
  RegistryOptions options;
  options.quotas = &quotas;
  RegistryHandler registry(storage, options);
  const Server server(registry, {});
  HttpConnection connection(server.address());
  connection.send(
      fmt::format("PATCH /v2/app/blobs/uploads/{} HTTP/1.1\r\nHost: x\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n7d0\r\n{}\r\n",
                  storage.begin_upload("app"), std::string(2000, 'x')));
  const auto answer = connection.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403);
  EXPECT_THAT(answer->body, HasSubstr("the quota of '*' is 1000 bytes"));
}

TEST(ServerUnderLoad, TakesNoMoreOfABlobThatIsThereThanItHas) {
  MemoryStorage storage;
  const auto digest = test::put_blob(storage, "app", "hello");
  RegistryHandler registry(storage);
  const Server server(registry, {});
  HttpConnection longer(server.address());
  longer.send(
      fmt::format("POST /v2/app/blobs/uploads/?digest={} HTTP/1.1\r\nHost: x\r\n"
                  "Content-Length: 1000000000\r\n\r\n",
                  digest.str()));
  const auto answer = longer.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("The blob of that digest has 5 bytes, not more"));
  EXPECT_EQ(HttpConnection(server.address())
                .ask("POST", "/v2/app/blobs/uploads/?digest=" + digest.str(), "hello")
                ->status,
            201);
}

TEST(ServerUnderLoad, ListensOnEveryAddressOfAName) {
  MemoryStorage storage;
  RegistryHandler registry(storage);
  ServerOptions options;
  options.listen = {{"localhost", 0}, {"127.0.0.2", 0}};
  const Server server(registry, options);
  const std::vector<std::string> addresses = server.addresses();
  ASSERT_GE(addresses.size(), 2U);
  EXPECT_TRUE(addresses.front().starts_with("127.0.0.1:")) << addresses.front();
  EXPECT_TRUE(addresses.back().starts_with("127.0.0.2:")) << addresses.back();
  const std::string port = addresses.front().substr(addresses.front().find(':') + 1);
  if (addresses.size() == 3) {  // this machine has IPv6
    EXPECT_EQ(addresses[1], "[::1]:" + port);
  }
  EXPECT_EQ(HttpConnection(addresses.front()).ask("GET", "/v2/")->status, 200);
}

TEST(ServerUnderLoad, SaysWhichRequestFoundTheDiskFull) {
  class Full final : public Handler {
   public:
    Begun begin(const RequestHead&) override {
      throw Error(ErrorKind::kIo, "write: no space left on device").with_system_error(ENOSPC);
    }
  };
  Full handler;
  std::string logged;
  std::optional<test::HttpAnswer> answer;
  {
    ServerOptions options;
    options.log = [&](std::string_view line) { logged = line; };
    const Server server(handler, options);
    answer = HttpConnection(server.address()).ask("PATCH", "/v2/app/blobs/uploads/1");
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 507) << "which clients do not repeat";
  EXPECT_THAT(answer->body, HasSubstr("The registry has no space left"));
  EXPECT_EQ(logged, "PATCH /v2/app/blobs/uploads/1: write: no space left on device");
}

}  // namespace
}  // namespace tote::testregistry

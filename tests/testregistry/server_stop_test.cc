// A server that stops while requests are in flight, at every stage of every kind of request. What
// these tests look for is found by the sanitizers: a session that outlives what it uses.
#include "testregistry/access/access.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/http/server.h"
#include "testregistry/ops/faults.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

namespace tote::testregistry {
namespace {

using test::HttpConnection;

constexpr const char* kHtpasswd =
    "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n";
constexpr const char* kPassword = "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n";
constexpr const char* kWrongPassword = "Authorization: Basic dXNlcjp3cm9uZw==\r\n";
constexpr int kRounds = 12;

struct Stage {
  const char* name;
  // What the client sends before it says nothing more. "SESSION" stands for an upload session,
  // "BLOB" for the digest of a large blob.
  std::string sent;
};

std::string request(const std::string& line, const std::string& headers, const std::string& body) {
  return fmt::format("{} HTTP/1.1\r\nHost: x\r\n{}{}\r\n{}", line, kPassword, headers, body);
}

std::vector<Stage> stages() {
  const std::string megabytes(3'000'000, 'x');
  const std::string digest = "sha256:" + std::string(64, '0');
  return {
      {"Connected", ""},
      {"HalfAHead", "PUT /v2/app/blobs/uplo"},
      {"ThreeBytesOfAPatch",
       request("PATCH /v2/app/blobs/uploads/SESSION", "Content-Length: 100\r\n", "abc")},
      {"ThreeBytesOfAPut", request("PUT /v2/app/blobs/uploads/SESSION?digest=" + digest,
                                   "Content-Length: 100\r\n", "abc")},
      {"ManyPieces", request("POST /v2/app/blobs/uploads/?digest=" + digest,
                             "Content-Length: 10000000\r\n", megabytes)},
      {"WholeBody", request("POST /v2/app/blobs/uploads/?digest=" + digest,
                            "Content-Length: 3000000\r\n", megabytes)},
      {"Chunks", request("PATCH /v2/app/blobs/uploads/SESSION", "Transfer-Encoding: chunked\r\n",
                         "5\r\nhello\r\nff\r\nhalf")},
      {"BeforeABody", request("PATCH /v2/app/blobs/uploads/SESSION",
                              "Expect: 100-continue\r\nContent-Length: 100\r\n", "")},
      {"ThreeBytesOfAManifest",
       request(
           "PUT /v2/app/manifests/v1",
           "Content-Type: application/vnd.oci.image.manifest.v1+json\r\nContent-Length: 100\r\n",
           "{\"s")},
      {"ThreeBytesOfAForm", "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ngra"},
      {"PasswordOfAForm",
       "POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
       "grant_type=password&username=user&password=secret1"},
      {"WrongPassword",
       fmt::format("GET /v2/app/tags/list HTTP/1.1\r\nHost: x\r\n{}\r\n", kWrongPassword)},
      {"UnreadAnswer", request("GET /v2/app/blobs/BLOB", "", "")},
      {"TwoAtOnce", request("GET /v2/", "", "") + request("GET /v2/app/tags/list", "", "")},
      {"RefusedBody",
       request("PATCH /v2/app/blobs/uploads/none", "Content-Length: 10000000\r\n", megabytes)},
      {"LateAnswer", request("GET /v2/late/tags/list", "", "")},
      {"StalledAnswer", request("GET /v2/stalled/tags/list", "", "")},
  };
}

struct Row {
  Stage stage;
  const char* storage;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const Stage& stage : stages())
    for (const char* storage : {"Memory", "Directory"}) all.push_back({stage, storage});
  return all;
}

std::vector<Fault> faults() {
  Fault late;
  late.path = "/v2/late/**";
  late.mishap.delay = std::chrono::hours(1);
  Fault stalled;
  stalled.path = "/v2/stalled/**";
  stalled.mishap.stall_at = 1;
  return {late, stalled};
}

class ServerStop : public testing::TestWithParam<Row> {
 protected:
  ServerStop() {
    if (std::string_view(GetParam().storage) == "Memory")
      storage_ = std::make_unique<MemoryStorage>();
    else
      storage_ = std::make_unique<DirectoryStorage>(dir_ / "registry");
    registry_ = std::make_unique<RegistryHandler>(*storage_);
    users_ = std::make_unique<Users>(Htpasswd::parse(kHtpasswd, "users"));
    AccessOptions options{AccessRules::simple({})};
    options.scheme = AuthScheme::kToken;
    access_ = std::make_unique<Access>(*registry_, *users_, std::move(options));
    faults_ = std::make_unique<Faults>(*access_, faults(), 1);
    blob_ = test::put_blob(*storage_, "app", test::random_bytes(8'000'000, 1));
  }

  std::string filled(std::string text) {
    for (const auto& [word, value] :
         {std::pair<std::string, std::string>{"SESSION", storage_->begin_upload("app")},
          {"BLOB", blob_.str()}})
      if (const std::size_t at = text.find(word); at != std::string::npos)
        text.replace(at, word.size(), value);
    return text;
  }

  test::TempDir dir_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<RegistryHandler> registry_;
  std::unique_ptr<Users> users_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<Faults> faults_;
  oci::Digest blob_ = oci::Digest::of("");
};

TEST_P(ServerStop, EndsCleanlyInTheMiddleOfARequest) {
  for (int round = 0; round < kRounds; ++round) {
    auto server = std::make_unique<Server>(*faults_, ServerOptions{});
    HttpConnection stalled(server->address());
    stalled.send(filled(GetParam().stage.sent));
    // What others are answered meanwhile is how far the server has come.
    for (int i = 0; i < round % 3; ++i)
      EXPECT_EQ(HttpConnection(server->address()).ask("GET", "/v2/")->status, 401);
    if (round % 2 == 1) server->drain(std::chrono::milliseconds(0));
    server.reset();
    stalled.read_to_end();
  }
  EXPECT_TRUE(storage_->find_blob("app", blob_));
}

INSTANTIATE_TEST_SUITE_P(All, ServerStop, testing::ValuesIn(rows()), [](const auto& row) {
  return std::string(row.param.stage.name) + row.param.storage;
});

}  // namespace
}  // namespace tote::testregistry

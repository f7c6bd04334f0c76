// A registry as a library has it: from its options to its address, in this process.
#include "testregistry/registry.h"

#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tote::testregistry {
namespace {

using test::HttpConnection;
using test::TempDir;
using testing::HasSubstr;

std::optional<test::HttpAnswer> get(const std::string& address, const std::string& target) {
  return HttpConnection(address).ask("GET", target);
}

TEST(Registry, ServesWhatItsDirectoryHadBefore) {
  const TempDir dir;
  {
    Registry before({.directory = dir / "r"});
    test::put_image(before.storage(), "app", {"layer"}, "v1");
  }
  Registry registry({.directory = dir / "r"});
  const ReadyRegistry& ready = registry.start();
  EXPECT_EQ(ready.addresses, std::vector<std::string>{ready.address});
  EXPECT_EQ(ready.url, "http://" + ready.address);
  EXPECT_EQ(get(ready.address, "/v2/app/manifests/v1")->status, 200);
  registry.stop();
}

TEST(Registry, StandsBesideOthersThatAreOfAnotherKind) {
  const TempDir dir;
  Registry open({});
  Registry closed({.read_only = true,
                   .access = AccessOptions{AccessRules::simple({})},
                   .made_user = "ann",
                   .metrics_listen = ListenAddress{},
                   .version = "1.2.3"});
  const std::string one = open.start().address;
  const ReadyRegistry& two = closed.start();
  EXPECT_EQ(HttpConnection(one).ask("POST", "/v2/app/blobs/uploads/")->status, 202);
  EXPECT_EQ(HttpConnection(two.address).ask("POST", "/v2/app/blobs/uploads/")->status, 401);
  EXPECT_EQ(two.user, "ann");
  EXPECT_EQ(two.password.size(), 32U);
  EXPECT_EQ(get(one, "/metrics")->status, 200);
  EXPECT_EQ(get(two.address, "/metrics")->status, 404);
  EXPECT_THAT(get(two.metrics_address, "/metrics")->body, HasSubstr("version=\"1.2.3\""));
  EXPECT_EQ(get(two.metrics_address, "/v2/")->status, 404);
}

TEST(Registry, IsAskedAfterWhatStandsInFrontOfIt) {
  class Closed final : public Handler {
   public:
    Begun begin(const RequestHead&) override { return Response{503, {}, "closed"}; }
  };
  Registry registry({.in_front = [](Handler&) { return std::make_unique<Closed>(); }});
  EXPECT_EQ(get(registry.start().address, "/livez")->body, "closed");
}

TEST(Registry, MakesACertificateForWhereItListens) {
  const TempDir dir;
  Registry registry({.tls = TlsFiles{.ca_out = dir / "ca.pem"}});
  const ReadyRegistry& ready = registry.start();
  EXPECT_EQ(ready.url, "https://" + ready.address);
  EXPECT_EQ(ready.ca_path, (dir / "ca.pem").string());
  EXPECT_EQ(test::read_text(dir / "ca.pem"), ready.ca_pem);
}

// Asks for a blob, takes the beginning of it and goes.
void leave_in_the_middle(const std::string& address, const std::string& target) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  write_all(fd.get(), as_bytes(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", target)));
  std::byte first{};
  ASSERT_EQ(::read(fd.get(), &first, 1), 1);
  ::shutdown(fd.get(), SHUT_WR);  // its reset is then a broken pipe to the server
}

TEST(Registry, OutlivesClientsThatLeaveWithoutIgnoringSignalsForTheWholeProcess) {
  struct sigaction before {};
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;  // ends the process
  ::sigaction(SIGPIPE, &standard, &before);
  const TempDir dir;
  {
    Registry registry({.directory = dir / "r"});
    const auto blob = test::put_blob(registry.storage(), "app", std::string(64U << 20U, 'x'));
    const std::string address = registry.start().address;
    for (int i = 0; i < 20; ++i) leave_in_the_middle(address, "/v2/app/blobs/" + blob.str());
    EXPECT_EQ(get(address, "/v2/")->status, 200);
    registry.stop();
  }
  struct sigaction after {};
  ::sigaction(SIGPIPE, &before, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST(CollectGarbage, IsForDirectoriesOfRegistriesAlone) {
  const TempDir dir;
  EXPECT_THAT(
      [&] { collect_garbage(dir.path(), {}, {}, {}); },
      test::ThrowsError(ErrorKind::kUsage, "is no directory that a registry keeps things in"));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path())) << "nothing was made in it";
  {
    Registry registry({.directory = dir / "r"});
    test::put_blob(registry.storage(), "app", "garbage");
  }
  CollectOptions at_once;
  at_once.grace = std::chrono::seconds(0);
  std::vector<std::pair<std::size_t, std::size_t>> told;
  at_once.on_repository = [&](std::size_t done, std::size_t total) {
    told.emplace_back(done, total);
  };
  EXPECT_EQ(collect_garbage(dir / "r", at_once, {}, {}).blobs, 1U);
  EXPECT_THAT(told, testing::ElementsAre(std::pair(0U, 1U)));
}

}  // namespace
}  // namespace tote::testregistry

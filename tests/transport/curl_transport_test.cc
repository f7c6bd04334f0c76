#include "transport/curl_transport.h"

#include "base/error.h"
#include "base/file.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

namespace tote::transport {
namespace {

std::string failure_of(CurlTransport& transport, const std::string& url) {
  try {
    const auto reply = transport.open({.url = url}, {});
    return "no failure: " + std::to_string(reply->status());
  } catch (const Error& error) {
    return error.message();
  }
}

// What a transfer leaves behind that failed must not be in the way of the next.
TEST(CurlTransport, FailsTheSameWayTwiceAndThenWorks) {
  test::TestRegistry registry;
  registry.interceptor().change(
      [](const testregistry::RequestHead& head, testregistry::Response& response) {
        if (head.path.ends_with("/dropped")) test::drop(response);
      });
  CurlTransport transport({});
  for (const std::string& url :
       {std::string("http://nobody.invalid/"), std::string("http://127.0.0.1:1/"),
        registry.url() + "/v2/dropped", std::string("https://") + registry.address() + "/v2/"}) {
    const std::string first = failure_of(transport, url);
    EXPECT_EQ(first.find("option"), std::string::npos) << first;
    EXPECT_EQ(failure_of(transport, url), first);
    EXPECT_EQ(failure_of(transport, registry.url() + "/v2/"), "no failure: 200");
  }
}

// A pipe that nobody writes to: who opens it waits for ever.
TEST(CurlTransport, ReadsNoAuthoritiesForAServerWithoutTls) {
  const test::TempDir directory;
  const std::string pipe = (directory / "authorities.pem").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  test::TestRegistry registry;
  CurlTransport transport({.authorities = {.file = pipe}});
  EXPECT_EQ(failure_of(transport, registry.url() + "/v2/"), "no failure: 200");
  const std::string refusal =
      failure_of(transport, std::string("https://") + registry.address() + "/v2/");
  EXPECT_EQ(refusal.find("certificate"), std::string::npos) << refusal;
}

std::string text(const std::filesystem::path& file) {
  return read_file(file, 1U << 20U);
}

// Of a server with a certificate of its own: how it is judged, twice by each way of saying whom to
// trust.
class CurlAuthorities : public testing::Test {
 protected:
  void expect_trust(const CurlOptions& options, bool is_trusted) {
    CurlTransport transport(options);
    for (int i = 0; i < 2; ++i) {
      const std::string result = failure_of(transport, registry_.url() + "/v2/");
      if (is_trusted)
        EXPECT_EQ(result, "no failure: 200");
      else
        EXPECT_NE(result.find("SSL certificate problem"), std::string::npos) << result;
    }
  }

  const test::TempDir directory_;
  const test::TlsFiles server_{directory_};
  const std::string pem_ = text(server_.certificate);
  test::TestRegistry registry_{testregistry::ServerOptions{
      .tls = testregistry::ServerTls{.certificate_pem = pem_, .key_pem = text(server_.key)}}};
};

TEST_F(CurlAuthorities, AreInAText) {
  expect_trust({.extra_ca_pem = pem_}, true);
  expect_trust({.extra_ca_pem = "a comment\n" + pem_ + "\nanother\n"}, true);
  const std::string damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  expect_trust({.extra_ca_pem = damaged + pem_}, true);
  expect_trust({.extra_ca_pem = damaged}, false);
}

TEST_F(CurlAuthorities, AreInAFileOrADirectory) {
  expect_trust({.authorities = {.file = server_.certificate.string()}}, true);
  expect_trust({.authorities = {.file = (directory_ / "not-there").string()}}, false);
  const std::filesystem::path hashed = directory_ / "hashed";
  std::filesystem::create_directory(hashed);
  std::filesystem::copy(server_.certificate, hashed / "server.pem");
  ASSERT_EQ(test::run({"openssl", "rehash", hashed.string()}).exit_code, 0);
  expect_trust({.authorities = {.directory = hashed.string()}}, true);
}

TEST_F(CurlAuthorities, MayBeThoseOfOneOriginInPlaceOfTheRest) {
  const test::TempDir elsewhere;
  const std::string other = text(test::TlsFiles(elsewhere).certificate);
  const auto own = [](const std::string& pem) {
    return [pem](const std::string&) { return HostCertificates{.authorities = pem}; };
  };
  expect_trust({.extra_ca_pem = other}, false);
  expect_trust({.extra_ca_pem = other, .certificates_of = own(pem_)}, true);
  expect_trust({.extra_ca_pem = pem_, .certificates_of = own(other)}, false);
}

TEST_F(CurlAuthorities, AreNobodysBusinessWhereNothingIsVerified) {
  expect_trust({.verify = VerifyCertificates::kNo}, true);
  expect_trust({}, false);
}

}  // namespace
}  // namespace tote::transport

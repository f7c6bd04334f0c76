#include "transport/host_certificates.h"

#include "tests/registry/client_fixture.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

#include <filesystem>

namespace tote::transport {
namespace {

using registry::Client;
using registry::ClientOptions;
using test::TestRegistry;
using test::ThrowsError;

namespace fs = std::filesystem;
namespace tr = testregistry;

class HostCertificatesTest : public testing::Test {
 protected:
  // certs.d/NAME/FILE, a copy of `from`.
  void put(const std::string& name, const std::string& file, const fs::path& from) {
    fs::create_directories(roots_ / name);
    fs::copy_file(from, roots_ / name / file, fs::copy_options::overwrite_existing);
  }
  HostCertificates of(const std::string& origin) {
    return CertificateDirectories({(dir_ / "none").string(), roots_.string()}).of(origin);
  }
  std::string text(const fs::path& path) { return test::read_text(path); }

  const test::TempDir dir_;
  const fs::path roots_ = dir_ / "certs.d";
  const test::TempDir server_dir_;
  const test::TempDir client_dir_;
  const test::TlsFiles server_{server_dir_};
  const test::TlsFiles client_{client_dir_};
};

TEST_F(HostCertificatesTest, AreThoseOfTheHostAndPort) {
  put("reg.io:5000", "ca.crt", server_.certificate);
  put("reg.io:5000", "client.cert", client_.certificate);
  put("reg.io:5000", "client.key", client_.key);
  put("reg.io:5000", "README", client_.key);
  const HostCertificates found = of("https://reg.io:5000");
  EXPECT_NE(found.authorities.find(text(server_.certificate)), std::string::npos);
  EXPECT_EQ(found.client.certificate, text(client_.certificate));
  EXPECT_EQ(found.client.key, text(client_.key));
  for (const char* other : {"https://reg.io:443", "https://reg.io:5001", "https://a.reg.io:5000"})
    EXPECT_TRUE(of(other).authorities.empty()) << other;
}

TEST_F(HostCertificatesTest, MayLeaveOutTheStandardPort) {
  put("reg.io", "ca.crt", server_.certificate);
  EXPECT_FALSE(of("https://reg.io:443").authorities.empty());
  EXPECT_TRUE(of("https://reg.io:5000").authorities.empty());
}

TEST_F(HostCertificatesTest, AreOfTheFirstByName) {
  for (const char* name : {"b", "a"}) {
    put("reg.io", std::string(name) + ".cert", client_.certificate);
    put("reg.io", std::string(name) + ".key", *name == 'a' ? client_.key : server_.key);
  }
  EXPECT_EQ(of("https://reg.io:443").client.key, text(client_.key));
}

TEST_F(HostCertificatesTest, ComeInPairs) {
  put("a.io", "client.cert", client_.certificate);
  EXPECT_THAT([&] { of("https://a.io:443"); },
              ThrowsError(ErrorKind::kParse, "client.cert' has no 'client.key' beside it"));
  put("b.io", "client.key", client_.key);
  EXPECT_THAT([&] { of("https://b.io:443"); },
              ThrowsError(ErrorKind::kParse, "client.key' has no 'client.cert' beside it"));
  EXPECT_THAT([&] { read_client_certificate("", client_.key.string()); },
              ThrowsError(ErrorKind::kUsage, "Expected --registry-client-cert"));
  EXPECT_THAT([&] { read_client_certificate((dir_ / "no.pem").string(), ""); },
              ThrowsError(ErrorKind::kIo, "no.pem"));
  test::write_text(dir_ / "no.pem", "nothing");
  EXPECT_THAT([&] { read_client_certificate((dir_ / "no.pem").string(), ""); },
              ThrowsError(ErrorKind::kParse, "not in PEM format"));
}

// A registry that wants to see a certificate of ours.
TEST_F(HostCertificatesTest, OpenARegistryThatWantsThem) {
  TestRegistry registry(
      tr::ServerOptions{.tls = tr::ServerTls{.certificate_pem = text(server_.certificate),
                                             .key_pem = text(server_.key),
                                             .client_ca_pem = text(client_.certificate)}});
  test::put_image(registry.storage(), "some/app", {"layer"}, "v1");
  const auto fetch = [&](ClientOptions options) {
    options.keychain.anonymous = true;
    options.certificate_roots = {roots_.string()};
    options.retry.max_attempts = 1;
    Client client(options);
    client.repository({registry.address(), "some/app"}).fetch_manifest("v1", {});
  };
  ClientOptions with_flags{.ca_paths = {server_.certificate.string()},
                           .client_certificate = client_.certificate.string(),
                           .client_key = client_.key.string()};
  EXPECT_THROW(fetch({.ca_paths = {server_.certificate.string()}}), Error) << "nothing is shown";
  EXPECT_NO_THROW(fetch(with_flags));
  with_flags.client_certificate = server_.certificate.string();
  with_flags.client_key = server_.key.string();
  EXPECT_THROW(fetch(with_flags), Error) << "somebody else's";
  const std::string name = registry.address();
  put(name, "ca.crt", server_.certificate);
  put(name, "client.cert", client_.certificate);
  put(name, "client.key", client_.key);
  EXPECT_NO_THROW(fetch({}));
  EXPECT_NO_THROW(fetch(with_flags)) << "the host's own stands above the flags'";
}

TEST_F(HostCertificatesTest, TellAPersonWhereAnAuthorityIsNamed) {
  TestRegistry registry(
      tr::ServerOptions{.tls = tr::ServerTls{.certificate_pem = text(server_.certificate),
                                             .key_pem = text(server_.key)}});
  const auto failure_of = [&](bool imgpkg_words) -> Error {
    ClientOptions options{.certificate_roots = std::vector<std::string>(),
                          .imgpkg_words = imgpkg_words};
    options.keychain.anonymous = true;
    Client client(options);
    try {
      client.repository({registry.address(), "some/app"}).fetch_manifest("v1", {});
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::kInternal, "it was trusted"};
  };
  const Error failure = failure_of(false);
  EXPECT_NE(failure.hint().find("--registry-ca-cert-path"), std::string::npos);
  EXPECT_EQ(failure.message().find("http://"), std::string::npos) << failure.message();
  EXPECT_NE(failure_of(true).message().find("http://"), std::string::npos) << "as imgpkg";
}

}  // namespace
}  // namespace tote::transport

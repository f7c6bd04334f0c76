#include "transport/ca_files.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace tote::transport {
namespace {

using test::TempDir;
using test::write_text;

constexpr const char* kCertificate = "# some authority\n-----BEGIN CERTIFICATE-----\nx\n";

class SystemAuthoritiesTest : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (root_ / name).string(); }
  SystemAuthorities find(const Environment& environment = {}) const {
    return find_system_authorities(environment, root_.path());
  }

  const TempDir root_;
};

TEST_F(SystemAuthoritiesTest, AreWhereDistributionsKeepThem) {
  for (const char* name :
       {"etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt",
        "etc/ssl/ca-bundle.pem", "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "etc/ssl/cert.pem"}) {
    write_text(root_ / name, kCertificate);
    EXPECT_EQ(find().file, at(name));
    EXPECT_TRUE(find().looked_for.empty());
    std::filesystem::remove_all(root_ / "etc");
  }
}

TEST_F(SystemAuthoritiesTest, MayBeADirectoryOfFilesWithHashesForNames) {
  write_text(root_ / "etc/ssl/certs/0a775a30.0", kCertificate);
  EXPECT_EQ(find().file, "");
  EXPECT_EQ(find().directory, at("etc/ssl/certs"));
}

TEST_F(SystemAuthoritiesTest, AreFirstWhereTheVariablesSay) {
  write_text(root_ / "etc/ssl/cert.pem", kCertificate);
  write_text(root_ / "mine.pem", kCertificate);
  EXPECT_EQ(find({{"SSL_CERT_FILE", at("mine.pem")}}).file, at("mine.pem"));
  EXPECT_EQ(find_authorities_file(root_.path()), at("etc/ssl/cert.pem"));
  for (const char* other : {"not-there.pem", "etc", "empty.pem"}) {
    write_text(root_ / "empty.pem", "");
    EXPECT_EQ(find({{"SSL_CERT_FILE", at(other)}}).file, at("etc/ssl/cert.pem")) << other;
  }
  EXPECT_EQ(find({{"SSL_CERT_DIR", at("hashed")}}).directory, at("hashed"));
}

TEST_F(SystemAuthoritiesTest, SayWhereTheyWereLookedForIfThereAreNone) {
  write_text(root_ / "etc/ssl/cert.pem", "no certificate");
  const SystemAuthorities found = find();
  EXPECT_EQ(found.file + found.directory, "");
  ASSERT_EQ(found.looked_for.size(), 6U);
  EXPECT_EQ(found.looked_for.front(), at("etc/ssl/certs/ca-certificates.crt"));
  EXPECT_EQ(found.looked_for.back(), at("etc/ssl/certs"));
}

}  // namespace
}  // namespace tote::transport

// Files that keep people out: cut short, they must not let anybody in.
#include "base/json.h"
#include "tests/support/http_connection.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tote {
namespace {

using test::Child;
using test::run;
using testing::HasSubstr;

constexpr const char* kUsers =
    "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n";

// A registry with every file of this kind.
class SecurityFiles : public testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  SecurityFiles() : tls_(dir_), client_(client_dir_) {
    write("htpasswd", kUsers);
    write("rules", "user ** pull\n");
    write("token-key", "0123456789abcdef0123456789abcdef\n");
    std::filesystem::copy(tls_.certificate, dir_ / "tls-cert");
    std::filesystem::copy(tls_.key, dir_ / "tls-key");
    std::filesystem::copy(client_.certificate, dir_ / "tls-client-ca");
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    test::write_text(dir_ / name, text);
  }

  // Empty, cut in the middle, or gone.
  void spoil(const std::string& name) const {
    const std::string_view how = std::get<1>(GetParam());
    if (how == "Gone")
      std::filesystem::remove(dir_ / name);
    else
      write(name, how == "Empty" ? "" : test::read_text(dir_ / name).substr(0, 9));
  }

  std::vector<std::string> command() const {
    std::vector<std::string> words{test::program_path(), "registry", "serve", "--listen",
                                   "127.0.0.1:0",        "--auth",   "token"};
    for (const char* name :
         {"htpasswd", "rules", "token-key", "tls-cert", "tls-key", "tls-client-ca"}) {
      words.push_back(fmt::format("--{}", name));
      words.push_back(path(name));
    }
    return words;
  }

  // The status of a request with these arguments of curl; "000": no connection.
  std::string status(const std::string& arguments) const {
    return run({"sh", "-c",
                fmt::format("curl -s -o /dev/null -w '%{{http_code}}' --cacert {} {} "
                            "https://{}/v2/app/tags/list",
                            tls_.certificate.string(), arguments, address_)})
        .out;
  }
  std::string certificate() const {
    return fmt::format("--cert {} --key {} ", client_.certificate.string(), client_.key.string());
  }

  const test::TempDir dir_;
  const test::TempDir client_dir_;
  const test::TlsFiles tls_;
  const test::TlsFiles client_;
  std::string address_;
};

TEST_P(SecurityFiles, KeepTheRegistryFromStartingWhenOneIsNoGood) {
  const char* name = std::get<0>(GetParam());
  spoil(name);
  const auto result = run(command());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(path(name))) << "it says which";
}

TEST_P(SecurityFiles, OpenNothingWhenOneIsSpoiledMeanwhile) {
  Child server(command(), {});
  address_ = Json::parse(server.read_line(), "ready").at("address").string();
  ASSERT_EQ(status(""), "000") << "no certificate";
  ASSERT_EQ(status(certificate()), "401");
  ASSERT_EQ(status(certificate() + "-u user:wrong"), "401");
  ASSERT_EQ(status(certificate() + "-u user:secret"), "404") << "allowed, but there is nothing";
  spoil(std::get<0>(GetParam()));
  for (int i = 0; i < 2; ++i) {  // before and after it is read again
    server.signal(SIGHUP);
    EXPECT_EQ(status(""), "000");
    EXPECT_EQ(status(certificate()), "401");
    EXPECT_EQ(status(certificate() + "-u user:wrong"), "401");
    EXPECT_EQ(status(certificate() + "-u other:secret"), "401");
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(All, SecurityFiles,
                         testing::Combine(testing::Values("htpasswd", "rules", "token-key",
                                                          "tls-cert", "tls-key", "tls-client-ca"),
                                          testing::Values("Empty", "CutShort", "Gone")),
                         [](const auto& row) {
                           std::string name = std::get<0>(row.param);
                           std::erase(name, '-');
                           return name + std::get<1>(row.param);
                         });

// `--htpasswd "$FILE"` with a variable that is not set must not open the registry.
class EmptyFlag : public testing::TestWithParam<const char*> {};

TEST_P(EmptyFlag, IsNotTakenForOneThatWasNotGiven) {
  const auto result = run({test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0",
                           fmt::format("--{}", GetParam()), ""});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(fmt::format("for \"--{}\" flag: it is empty", GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, EmptyFlag,
                         testing::Values("htpasswd", "rules", "auth", "token-key", "tls-cert",
                                         "tls-key", "tls-client-ca", "tls-ca-out", "dir",
                                         "snapshot", "ready-file", "public-url", "metrics-listen"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace tote

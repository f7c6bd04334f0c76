#include "testregistry/htpasswd.h"

#include "base/text.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

// bcrypt of "secret" at the lowest cost.
constexpr const char* kEntry = "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G";

TEST(Htpasswd, VerifiesBcrypt) {
  const Htpasswd users = Htpasswd::parse(std::string("# people\n\n") + kEntry + "\n", "f");
  EXPECT_TRUE(users.verify("user", "secret"));
  EXPECT_FALSE(users.verify("user", "Secret"));
  EXPECT_FALSE(users.verify("other", "secret"));
  EXPECT_FALSE(users.verify("user", ""));
}

TEST(Htpasswd, RefusesOtherHashesWithTheLine) {
  for (const char* text :
       {"a:plain", "a:$apr1$x$y", "nocolon", ":$2y$05$x", "user:", "user:$2y$junk"})
    EXPECT_THAT([&] { Htpasswd::parse(std::string("# x\n") + text, "f"); },
                test::ThrowsError(ErrorKind::kParse, "f, line 2: expected 'user:bcrypt-hash'"))
        << text;
}

TEST(Htpasswd, MakesASingleUser) {
  const Htpasswd users = Htpasswd::single("me", "mine");
  EXPECT_TRUE(users.verify("me", "mine"));
  EXPECT_FALSE(users.verify("me", "yours"));
}

TEST(Users, KnowsWhoWasRightBefore) {
  Users users(Htpasswd::parse(kEntry, "f"));
  const std::string right = "Basic " + base64_encode("user:secret");
  EXPECT_EQ(users.find_known(right), std::nullopt);
  EXPECT_EQ(users.find(right), "user");
  EXPECT_EQ(users.find_known(right), "user");
  for (const std::string& wrong :
       {"Basic " + base64_encode("user:wrong"), std::string("Basic !!!"), std::string("Bearer x"),
        "Basic " + base64_encode("user"), std::string()})
    EXPECT_EQ(users.find(wrong), std::nullopt) << wrong;
}

TEST(Users, ReadTheFileAgainWhenItChanges) {
  const test::TempDir dir;
  test::write_text(dir / "htpasswd", kEntry);
  std::string logged;
  Users users(dir / "htpasswd", [&](std::string_view line) { logged = line; });
  EXPECT_TRUE(users.check("user", "secret"));
  test::write_text(dir / "htpasswd", "# nobody\n");
  const auto later = std::filesystem::last_write_time(dir / "htpasswd") + std::chrono::seconds(2);
  std::filesystem::last_write_time(dir / "htpasswd", later);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (users.check("user", "secret") && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_FALSE(users.check("user", "secret"));
  EXPECT_EQ(logged, "");
}

}  // namespace
}  // namespace tote::testregistry

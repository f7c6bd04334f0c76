#include "testregistry/access/htpasswd.h"

#include "base/text.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

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

TEST(Htpasswd, RefusesHashesThatWouldTakeSecondsEach) {
  const std::string tail = "0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G";
  for (const char* cost : {"04", "10", "15"})
    EXPECT_NO_THROW(Htpasswd::parse(fmt::format("u:$2b${}${}", cost, tail), "f")) << cost;
  for (const char* cost : {"16", "20", "31", "99"})
    EXPECT_THAT([&] { Htpasswd::parse(fmt::format("u:$2b${}${}", cost, tail), "f"); },
                test::ThrowsError(ErrorKind::kParse,
                                  fmt::format("f, line 1: a bcrypt hash of cost {}, over the limit "
                                              "of 15",
                                              std::stoi(cost))));
}

// For crypt() a password ends there, so whatever follows would do.
TEST(Htpasswd, DoesNotTakeAPasswordWithANulForItsBeginning) {
  const Htpasswd users = Htpasswd::parse(kEntry, "f");
  EXPECT_FALSE(users.verify("user", std::string("secret\0", 7)));
  EXPECT_FALSE(users.verify("user", std::string("secret\0more", 11)));
}

class UsersFile : public testing::Test {
 protected:
  UsersFile() { test::write_text(path_, std::string(kEntry) + "\n"); }

  // A second later, as whoever asks first then sees it.
  void look() {
    clock_.advance(std::chrono::seconds(1));
    users_->refresh();
  }
  bool lets_in() { return users_->check("user", "secret").has_value(); }

  const test::TempDir dir_;
  const std::filesystem::path path_ = dir_ / "htpasswd";
  test::FakeClock clock_;
  std::string logged_;
  std::unique_ptr<Users> users_;
  void read() {
    users_ = std::make_unique<Users>(
        path_, [this](std::string_view line) { logged_ = line; }, clock_);
  }
};

TEST_F(UsersFile, IsReadAgainWhenItChanges) {
  read();
  EXPECT_TRUE(lets_in());
  test::write_text(path_, std::string("other") + (kEntry + 4) + "\n");
  EXPECT_TRUE(lets_in()) << "it is looked at once a second";
  look();
  EXPECT_FALSE(lets_in());
  EXPECT_TRUE(users_->check("other", "secret"));
  EXPECT_EQ(logged_, "");
}

TEST_F(UsersFile, IsSeenToChangeWhoeverSetsItsTime) {
  read();
  const auto time = std::filesystem::last_write_time(path_);
  std::filesystem::rename(path_, dir_ / "old");
  test::write_text(path_, std::string("othr") + (kEntry + 4) + "\n");  // as long as before
  std::filesystem::last_write_time(path_, time);
  look();
  EXPECT_FALSE(lets_in());
}

TEST_F(UsersFile, LetsNobodyInWhenItIsEmptyOrHasGone) {
  read();
  test::write_text(path_, "");
  look();
  EXPECT_FALSE(lets_in());
  EXPECT_EQ(logged_, path_.string() + ": there is no user in it, so nobody can log in");
  test::write_text(path_, std::string(kEntry) + "\n");
  look();
  EXPECT_TRUE(lets_in());
  std::filesystem::remove(path_);
  look();
  EXPECT_FALSE(lets_in());
  EXPECT_EQ(logged_, path_.string() + ": there is no user in it, so nobody can log in");
}

TEST_F(UsersFile, KeepsItsUsersWhileALineIsHalfWritten) {
  read();
  test::write_text(path_, std::string(kEntry) + "\nann:$2b$04$0hEB");
  look();
  EXPECT_TRUE(lets_in());
  EXPECT_THAT(logged_, testing::HasSubstr("line 2: expected 'user:bcrypt-hash'; the users from "
                                          "before stay"));
}

TEST_F(UsersFile, IsRefusedAtTheStartWithoutAUser) {
  for (const char* text : {"", "\n\n", "# nobody\n"}) {
    test::write_text(path_, text);
    EXPECT_THAT([&] { read(); },
                test::ThrowsError(ErrorKind::kParse, path_.string() + ": there is no user in it"));
  }
}

}  // namespace
}  // namespace tote::testregistry

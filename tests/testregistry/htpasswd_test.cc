#include "testregistry/htpasswd.h"

#include "base/text.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

// bcrypt of "secret" at the lowest cost.
constexpr const char* kEntry = "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G";

class Greeter final : public Handler {
 public:
  Begun begin(const RequestHead&) override { return Response{200, {}, "hello"}; }
};

int status_of(Handler& handler, const RequestHead& head) {
  if (auto now = handler.answer_now(head)) return now->status;
  return std::get<Response>(handler.begin(head)).status;
}

TEST(Htpasswd, VerifiesBcrypt) {
  const Htpasswd users = Htpasswd::parse(std::string("# people\n\n") + kEntry + "\n", "f");
  EXPECT_TRUE(users.verify("user", "secret"));
  EXPECT_FALSE(users.verify("user", "Secret"));
  EXPECT_FALSE(users.verify("other", "secret"));
  EXPECT_FALSE(users.verify("user", ""));
}

TEST(Htpasswd, RefusesOtherHashesWithTheLine) {
  for (const char* text : {"a:plain", "a:$apr1$x$y", "nocolon", ":$2y$05$x", "user:"})
    EXPECT_THAT([&] { Htpasswd::parse(std::string("# x\n") + text, "f"); },
                test::ThrowsError(ErrorKind::kParse, "f, line 2: expected 'user:bcrypt-hash'"))
        << text;
}

TEST(BasicAuth, LetsOnlyRightPasswordsThrough) {
  Greeter greeter;
  BasicAuth auth(greeter, Htpasswd::parse(kEntry, "f"));
  const auto with = [](const std::string& value) {
    RequestHead head;
    head.method = "GET";
    head.path = "/v2/";
    if (!value.empty()) head.headers = {{"authorization", value}};
    return head;
  };
  const std::string right = "Basic " + base64_encode("user:secret");
  EXPECT_EQ(status_of(auth, with("Basic " + base64_encode("user:wrong"))), 401);
  EXPECT_EQ(status_of(auth, with("Basic !!!")), 401);
  EXPECT_EQ(status_of(auth, with("Bearer x")), 401);
  EXPECT_EQ(status_of(auth, with("")), 401);
  EXPECT_EQ(status_of(auth, with(right)), 200);
  EXPECT_EQ(status_of(auth, with(right)), 200) << "remembered";
}

}  // namespace
}  // namespace tote::testregistry

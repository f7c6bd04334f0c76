#include "transport/tracing_transport.h"

#include "base/error.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::transport {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Answer {
  int status;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

class ScriptedReply final : public Reply {
 public:
  ScriptedReply(const std::string& url, const Answer& answer) : body_(answer.body) {
    status_ = answer.status;
    headers_ = answer.fields;
    url_ = url;
  }
  [[nodiscard]] std::size_t read_some(MutableBytes out) override { return body_.read_some(out); }

 private:
  StringSource body_;
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(Answer answer) : answer_(std::move(answer)) {}
  std::unique_ptr<Reply> open(const Request& request, std::stop_token) override {
    if (answer_.status == 0) throw Error(ErrorKind::kTransport, "no route");
    return std::make_unique<ScriptedReply>(request.url, answer_);
  }

 private:
  Answer answer_;
};

// What is traced of one exchange whose reply is read.
std::string traced(const Request& request, const Answer& answer) {
  std::string text;
  TracingTransport transport(std::make_unique<ScriptedTransport>(answer),
                             [&](std::string_view message) { text += message; });
  const auto reply = transport.open(request, {});
  EXPECT_EQ(read_all(*reply, 1 << 20, "body"), answer.body);
  EXPECT_EQ(reply->status(), answer.status);
  return text;
}

const Answer kManifest{200, {{"Content-Type", "application/json"}}, R"({"schemaVersion":2})"};

TEST(TracingTransport, ShowsHeadsAndManifests) {
  const std::string text = traced({.method = "GET",
                                   .url = "https://r.io/v2/app/manifests/v1",
                                   .headers = {{"Accept-Encoding", "identity"}}},
                                  kManifest);
  EXPECT_THAT(text, HasSubstr("--> GET https://r.io/v2/app/manifests/v1\nAccept-Encoding: "));
  EXPECT_THAT(text, HasSubstr("<-- 200 https://r.io/v2/app/manifests/v1 ("));
  EXPECT_THAT(text, HasSubstr(R"({"schemaVersion":2})"));
}

TEST(TracingTransport, ShowsNoSignaturesOfLinksAndLocations) {
  const std::string text = traced(
      {.url = "https://r.io/v2/app/tags/list"},
      {200,
       {{"Link", R"(</v2/app/tags/list?last=x&sig=SECRET>; rel="next", <https://s.io/x?s=SECRET>)"},
        {"Link", "nonsense?sig=SECRET"},
        {"Location", "/v2/app/blobs/uploads/1?_state=SECRET"},
        {"Location", "https://user:SECRET@r.io/x?sig=SECRET#SECRET"}},
       ""});
  EXPECT_THAT(text, Not(HasSubstr("SECRET")));
  EXPECT_THAT(text, HasSubstr(R"(Link: </v2/app/tags/list?last=x&sig=...>; rel="next", <https)"));
  EXPECT_THAT(text, HasSubstr("Location: /v2/app/blobs/uploads/1?_state=...\n"));
}

TEST(TracingTransport, ShowsNoSecrets) {
  const std::string text = traced(
      {.method = "POST",
       .url = "https://user:hush@auth.io/v2/manifests/token?X-Signature=hush",
       .headers = {{"authorization", "Basic hush"}, {"Cookie", "hush"}, {"X-Auth-Token", "hush"}},
       .body = Body("refresh_token=hush"),
       .is_secret = true},
      {200, {{"Content-Type", "application/json"}, {"Set-Cookie", "hush"}}, R"({"token":"hush"})"});
  EXPECT_THAT(text, Not(HasSubstr("hush")));
  EXPECT_THAT(text, HasSubstr("authorization: <redacted>"));
}

TEST(TracingTransport, ShowsNoBlobsButWhatWentWrong) {
  const Request blob{.url = "https://r.io/v2/app/blobs/sha256:1"};
  std::string text =
      traced(blob, {200, {{"Content-Type", "application/octet-stream"}}, "\x1f\x8b binary"});
  EXPECT_THAT(text, HasSubstr("omitting binary blobs from logs"));
  EXPECT_THAT(text, Not(HasSubstr("binary\n")));
  text = traced(blob, {404, {{"Content-Type", "application/json"}}, "{\"errors\":[]}"});
  EXPECT_THAT(text, HasSubstr("{\"errors\":[]}"));
}

TEST(TracingTransport, ShowsWhyThereIsNoAnswer) {
  std::string text;
  TracingTransport transport(std::make_unique<ScriptedTransport>(Answer{}),
                             [&](std::string_view message) { text += message; });
  EXPECT_THROW(transport.open({.url = "https://r.io/v2/"}, {}), Error);
  EXPECT_THAT(text, HasSubstr("<-- no route https://r.io/v2/ ("));
}

}  // namespace
}  // namespace tote::transport

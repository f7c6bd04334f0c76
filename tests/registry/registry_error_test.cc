#include "registry/registry_error.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

class TextReply final : public transport::Reply {
 public:
  TextReply(int status, std::string body) : body_(std::move(body)) {
    status_ = status;
    url_ = "https://u:p@reg.io/v2/app/manifests/1";
  }
  std::size_t read_some(MutableBytes out) override { return body_.read_some(out); }

 private:
  StringSource body_;
};

struct Row {
  const char* name;
  const char* method;
  int status;
  std::string body;
  std::string want;
  Retry retry;
};
class MakeRegistryError : public testing::TestWithParam<Row> {};

TEST_P(MakeRegistryError, ReadsLikeImgpkgs) {
  TextReply reply(GetParam().status, GetParam().body);
  const RegistryError error = make_registry_error(GetParam().method, reply, Bodies::kAsTheyAre);
  EXPECT_EQ(error.message(), std::string(GetParam().method) +
                                 " https://reg.io/v2/app/manifests/1: " + GetParam().want);
  EXPECT_EQ(error.retry(), GetParam().retry);
}

INSTANTIATE_TEST_SUITE_P(
    All, MakeRegistryError,
    testing::Values(Row{"OneError", "GET", 404,
                        R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"Unknown manifest"}]})",
                        "MANIFEST_UNKNOWN: Unknown manifest", Retry::kNo},
                    Row{"SeveralErrors", "PUT", 400,
                        R"({"errors":[{"code":"A","message":"x"},{"code":"B","message":"y"}]})",
                        "multiple errors returned: A: x; B: y", Retry::kNo},
                    Row{"PlainText", "GET", 401, "incorrect username or password\n",
                        "unexpected status code 401 Unauthorized: incorrect username or password",
                        Retry::kNo},
                    Row{"EmptyBody", "GET", 503, "",
                        "unexpected status code 503 Service Unavailable", Retry::kYes},
                    Row{"Head", "HEAD", 404, "",
                        "unexpected status code 404 Not Found (HEAD responses have no body, use "
                        "GET for details)",
                        Retry::kNo},
                    Row{"Busy", "PUT", 429,
                        R"({"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]})",
                        "TOOMANYREQUESTS: slow down", Retry::kYes},
                    Row{"ServerErrorWithAReasonThatStays", "PUT", 500,
                        R"({"errors":[{"code":"DENIED","message":"immutable"}]})",
                        "DENIED: immutable", Retry::kNo},
                    Row{"HtmlInsteadOfJson", "GET", 502, "<html>",
                        "unexpected status code 502 Bad Gateway: <html>", Retry::kYes},
                    Row{"WrongShape", "GET", 400, R"({"errors":"x"})",
                        R"(unexpected status code 400 Bad Request: {"errors":"x"})", Retry::kNo}),
    [](const auto& row) { return row.param.name; });

TEST(MakeRegistryError, ShowsOfAPageItsTitleOnly) {
  const auto shown = [](const std::string& page) {
    TextReply reply(413, page);
    return make_registry_error("PATCH", reply, Bodies::kReadable).message();
  };
  const std::string without =
      "PATCH https://reg.io/v2/app/manifests/1: unexpected status code 413 "
      "Request Entity Too Large";
  EXPECT_EQ(shown("<html><head><title>413 Request Entity Too Large</title></head><body>..."),
            without + ": 413 Request Entity Too Large");
  EXPECT_EQ(shown("\n<!DOCTYPE HTML>\n<H1 class=x> Too large </H1>"), without + ": Too large");
  EXPECT_EQ(shown("<html><title></title><h1>Big</h1>"), without + ": Big");
  EXPECT_EQ(shown("<html><body>x"), without);
  EXPECT_EQ(shown("<html><title>"), without);
  EXPECT_EQ(shown("plain"), without + ": plain");
}

struct Advice {
  const char* name;
  const char* method;
  int status;
  const char* body;
  const char* hint;  // a part of it; empty: none
};
class HintOfARefusal : public testing::TestWithParam<Advice> {};

TEST_P(HintOfARefusal, IsAboutItsReason) {
  TextReply reply(GetParam().status, GetParam().body);
  const std::string hint = make_registry_error(GetParam().method, reply, Bodies::kAsTheyAre).hint();
  if (*GetParam().hint == '\0')
    EXPECT_EQ(hint, "");
  else
    EXPECT_NE(hint.find(GetParam().hint), std::string::npos) << hint;
}

INSTANTIATE_TEST_SUITE_P(
    All, HintOfARefusal,
    testing::Values(
        Advice{"TooLarge", "PATCH", 413, "<html>", "client_max_body_size"},
        Advice{"QuotaOfHarbor", "PUT", 403,
               R"({"errors":[{"code":"DENIED","message":"adding 1 MiB exceeds the quota"}]})",
               "no more room"},
        Advice{"QuotaAsPreconditionFailed", "PUT", 412, "Quota exceeded", "no more room"},
        Advice{"ReadOnlyByStatus405", "POST", 405, "the registry is read-only", "read-only"},
        Advice{"ReadOnlyOfHarbor", "POST", 403,
               R"({"errors":[{"code":"DENIED","message":"The system is in read only mode."}]})",
               "read-only"},
        Advice{"Forbidden", "PUT", 403, "", "if other credentials may do this"},
        Advice{"NotLoggedIn", "GET", 401, "", "give credentials"},
        Advice{"AQuotaThatIsReadAbout", "GET", 404, "quota", ""},
        Advice{"NotFound", "GET", 404, "", ""}, Advice{"Broken", "PUT", 500, "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(MakeRegistryError, CutsALongBody) {
  TextReply reply(500, std::string(1'000'000, 'x'));
  EXPECT_LT(make_registry_error("GET", reply, Bodies::kAsTheyAre).message().size(), 70'000U);
}

}  // namespace
}  // namespace tote::registry

// A small blob in one POST, at registries that take it and at those that do not.
#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

namespace tote::registry {
namespace {

namespace tr = testregistry;

// What a registry answers to a POST with a blob in it.
struct Way {
  const char* name;
  int status;             // 0: the connection ends
  bool is_asked_again;    // for the second blob
  const char* code = "";  // of a refusal
};
class SinglePost : public ClientTest {
 protected:
  static bool is_single(const tr::RequestHead& head) {
    return head.method == "POST" && head.parameter("digest");
  }
  std::size_t count_single() {
    return registry_.interceptor().count("POST /v2/some/app/blobs/uploads/?digest=");
  }

  TestRegistry registry_;
};

class UnusualRegistry : public SinglePost, public testing::WithParamInterface<Way> {};

tr::Response answer_of(const Way& way, TestRegistry& registry) {
  if (way.status == 202)
    return {202,
            {{"Location",
              "/v2/some/app/blobs/uploads/" + registry.storage().begin_upload("some/app")}}};
  if (*way.code != '\0') return tr::error_response(way.status, way.code, "no");
  tr::Response response{way.status == 0 ? 500 : way.status};
  if (way.status == 0) test::drop(response);
  return response;
}

TEST_P(UnusualRegistry, GetsItsBlobsAsEver) {
  registry_.interceptor().replace([this](const tr::RequestHead& head) {
    return is_single(head) ? std::optional(answer_of(GetParam(), registry_)) : std::nullopt;
  });
  RemoteRepository& remote = repository(registry_);
  for (const char* bytes : {"first", "second"}) {
    upload(remote, bytes);
    EXPECT_EQ(download(remote, descriptor(bytes)), bytes);
  }
  EXPECT_EQ(count_single() > 1, GetParam().is_asked_again);
  EXPECT_EQ(registry_.interceptor().count("PUT"), 2U);
  // One that says "too many" twice gets less in a second.
  EXPECT_EQ(clock_.slept().empty(), GetParam().status != 429) << "the other way is taken at once";
}

INSTANTIATE_TEST_SUITE_P(
    All, UnusualRegistry,
    testing::Values(Way{"BeginsASession", 202, false}, Way{"FoundElsewhere", 302, false},
                    Way{"BadRequest", 400, false}, Way{"OtherDigest", 400, false, "DIGEST_INVALID"},
                    Way{"Unsupported", 405, false, "UNSUPPORTED"},
                    Way{"LengthRequired", 411, false}, Way{"TooLarge", 413, false},
                    Way{"MediaType", 415, false}, Way{"NotImplemented", 501, false},
                    Way{"CreatedNothing", 201, false}, Way{"Denied", 403, false, "DENIED"},
                    Way{"Unauthorized", 401, false}, Way{"UnknownName", 404, false, "NAME_UNKNOWN"},
                    Way{"TooMany", 429, true}, Way{"ServerError", 500, false},
                    Way{"Unavailable", 503, true}, Way{"BreaksTheConnection", 0, false}),
    [](const auto& row) { return row.param.name; });

// Nothing is heard of the registry until then, and the other way waits for it.
TEST_F(SinglePost, SaysThatItIsToldToWait) {
  registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (!is_single(head)) return std::nullopt;
    tr::Response busy = tr::error_response(429, "TOOMANYREQUESTS", "no");
    busy.headers.emplace_back("Retry-After", "9");
    return busy;
  });
  std::vector<std::chrono::milliseconds> told;
  ClientOptions options;
  options.retry.on_retry = [&](std::chrono::milliseconds pause, const Error&) {
    told.push_back(pause);
  };
  upload(repository(registry_, options), "blob");
  EXPECT_EQ(told, std::vector{std::chrono::milliseconds(9000)});
  EXPECT_EQ(clock_.slept(), std::vector{std::chrono::milliseconds(9000)});
}

TEST_F(SinglePost, UsesTheSessionThatTheRegistryBeganInstead) {
  const Way session{"", 202, false};
  registry_.interceptor().replace([&](const tr::RequestHead& head) {
    return is_single(head) ? std::optional(answer_of(session, registry_)) : std::nullopt;
  });
  RemoteRepository& remote = repository(registry_);
  upload(remote, "first");
  EXPECT_EQ(registry_.interceptor().count("POST"), 1U) << "no more requests than before";
  EXPECT_EQ(registry_.interceptor().count("PUT"), 1U);
}

TEST_F(SinglePost, IsOneRequestForEachSmallBlob) {
  RemoteRepository& remote = repository(registry_);
  for (const char* bytes : {"a", "b", "c"}) upload(remote, bytes);
  EXPECT_EQ(registry_.interceptor().count("P"), 3U);
  EXPECT_EQ(count_single(), 3U);
}

TEST_F(SinglePost, IsToldInTheWordsOfTheLastRequestIfNothingWorks) {
  registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "POST") return std::nullopt;
    return tr::error_response(403, "DENIED", "you may not push here");
  });
  RemoteRepository& remote = repository(registry_);
  EXPECT_THAT(
      [&] { upload(remote, "bytes"); },
      ThrowsError(ErrorKind::kForbidden,
                  fmt::format("POST {}/v2/some/app/blobs/uploads/: DENIED: you may not push here",
                              registry_.url())));
}

TEST_F(SinglePost, IsAuthorizedAnewWithTheBodyAtHand) {
  TestRegistry walled([](tr::Handler& inner) { return test::with_passwords(inner, kHtpasswd); });
  RemoteRepository& remote =
      repository(walled, {.keychain = {.username = "user", .password = "secret"}});
  upload(remote, "bytes");
  EXPECT_EQ(walled.interceptor().count("PUT"), 0U);
  EXPECT_EQ(download(remote, descriptor("bytes")), "bytes");
}

TEST_F(SinglePost, AsksNothingBeforeThereIsContent) {
  RemoteRepository& remote = repository(registry_);
  const auto session = remote.begin_upload(descriptor("bytes"), {});
  EXPECT_EQ(session->offset(), 0U);
  EXPECT_TRUE(registry_.interceptor().requests().empty());
}

TEST_F(SinglePost, SaysNothingOfExpect) {
  test::Noted<bool> expects;
  registry_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method == "POST") expects.set(head.header("Expect").has_value());
    return std::nullopt;
  });
  upload(repository(registry_), random_bytes(500'000, 1));
  EXPECT_FALSE(expects.get());
}

}  // namespace
}  // namespace tote::registry

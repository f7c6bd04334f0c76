// Copies and pushes to registries that allow less than others.
#include "testregistry/http/error_response.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

namespace tr = testregistry;
using test::TestRegistry;
using test::tote;

class ClientCopy : public testing::Test {
 protected:
  ClientCopy() {
    test::put_image(source_.storage(), "src/app", {test::random_bytes(2'000'000, 1), "2"}, "v1");
  }
  std::vector<std::string> copy() const {
    return {"copy", "-i", source_.address() + "/src/app:v1", "--to-repo",
            destination_.address() + "/dst/app"};
  }

  const test::TempDir dir_;
  TestRegistry source_;
  TestRegistry destination_;
};

TEST_F(ClientCopy, GoesToADestinationThatMayOnlyBeWrittenTo) {
  destination_.interceptor().replace(
      [](const tr::RequestHead& head) -> std::optional<tr::Response> {
        const bool reads = head.method == "GET" || head.method == "HEAD";
        if (!reads || head.path == "/v2/" || head.path.find("/uploads/") != std::string::npos)
          return std::nullopt;
        return tr::error_response(403, "DENIED", "reading is not for you");
      });
  EXPECT_DONE(tote(copy()));
  EXPECT_TRUE(destination_.storage().find_tag("dst/app", "v1"));
}

TEST_F(ClientCopy, AndPushAreRepeatedWhereTagsMayNotMove) {
  test::write_text(dir_ / "app/f", "content");
  const std::vector<std::string> push = {"push", "-i", destination_.address() + "/dst/pushed:v1",
                                         "-f", (dir_ / "app").string()};
  EXPECT_DONE(tote(copy()));
  EXPECT_DONE(tote(push));
  destination_.interceptor().replace(
      [](const tr::RequestHead& head) -> std::optional<tr::Response> {
        if (head.method != "PUT" || head.path.find("/manifests/") == std::string::npos)
          return std::nullopt;
        return tr::error_response(403, "DENIED", "tags may not move here");
      });
  EXPECT_DONE(tote(copy()));
  EXPECT_DONE(tote(push));
  test::write_text(dir_ / "app/f", "other content");
  EXPECT_EQ(tote(push).exit_code, 1);
}

}  // namespace
}  // namespace tote

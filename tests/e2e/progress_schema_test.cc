// --progress json against docs/progress.schema.json, by a validator that is not ours.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace tote {
namespace {

using Strings = std::vector<std::string>;

// Prints the names of the events; fails if there is no such object in the schema.
constexpr const char* kValidate = R"(
import json, sys, jsonschema
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for line in open(sys.argv[2]):
    event = json.loads(line)
    validator.validate(event)
    print(event["event"])
)";

class ProgressSchema : public testing::Test {
 protected:
  // What happened, as the validated lines of all that was run say it.
  std::string events() const {
    const auto validated =
        test::run({"python3", "-c", kValidate,
                   std::string(TOTE_TEST_DATA) + "/../../docs/progress.schema.json", lines()});
    EXPECT_EQ(validated.exit_code, 0) << validated.err;
    return validated.out;
  }
  void run(Strings words) {
    words.insert(words.end(), {"--progress", "json"});
    const auto result = test::tote(words);
    test::write_text(lines(), written_ += result.err);
  }
  std::string lines() const { return (dir_ / "lines").string(); }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  test::TempDir dir_;
  test::TestRegistry registry_;
  std::string written_;
};

TEST_F(ProgressSchema, SaysWhatEveryCommandWrites) {
  const std::string at = registry_.address();
  const auto image = test::put_image(registry_.storage(), "src/one", {test::random_bytes(9000, 1)});
  test::put_bundle(registry_.storage(), "src/app",
                   test::images_lock({at + "/src/one@" + image.str()}), "v1");
  std::atomic<int> refused = 0;
  registry_.interceptor().change(
      [&](const testregistry::RequestHead& head, testregistry::Response& response) {
        if (head.path.find("/manifests/") != std::string::npos && refused++ == 0)
          response.status = 503;
      });
  run({"copy", "-b", at + "/src/app:v1", "--to-tar", path("a.tar")});
  run({"copy", "--tar", path("a.tar"), "--to-repo", at + "/dst/app", "--debug"});
  run({"copy", "--tar", path("a.tar"), "--to-repo", at + "/dst/app", "--to-prefix", at + "/m"});
  run({"copy", "-b", at + "/src/app:v1", "--to-tar", path("b.tar"), "--since", path("a.tar")});
  run({"describe", "-b", at + "/src/app:v1"});
  run({"verify", at + "/dst/app:v1"});
  run({"pull", "-b", at + "/src/app:v1", "-o", path("out")});
  test::write_text(path("file"), "content");
  run({"push", "-i", at + "/src/pushed:v1", "-f", path("file")});
  run({"copy", "-b", at + "/src/nothing:v1", "--to-tar", path("c.tar")});
  const std::string seen = events();
  for (const char* event :
       {"begin", "images", "image", "work", "blob-begin", "blob-end", "manifest", "tag", "placed",
        "count", "retry", "notice", "debug", "error", "summary"})
    EXPECT_THAT(seen, testing::HasSubstr(std::string(event) + "\n"));
}

}  // namespace
}  // namespace tote

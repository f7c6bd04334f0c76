#include "cmd/cli/result_template.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using test::ThrowsError;

constexpr const char* kResult =
    R"({"digest":"sha256:a","dry_run":true,"bytes":7,"before":{"digest":"b"},"tags":["v1"]})";

TEST(ResultTemplateTest, TakesMembersUnderBothNames) {
  struct Row {
    const char* format;
    const char* text;
  };
  for (const Row& row : {Row{"{{.Digest}}", "sha256:a"}, Row{"{{.digest}}", "sha256:a"},
                         Row{"{{.DryRun}} {{.dry_run}}", "true true"}, Row{"{{.Bytes}}", "7"},
                         Row{"{{.Before.Digest}}", "b"}, Row{"x", "x"}})
    EXPECT_EQ(fill(parse_result_template(row.format), kResult), row.text);
}

TEST(ResultTemplateTest, RefusesWhatIsNotThereOrNotOneValue) {
  struct Row {
    const char* format;
    const char* complaint;
  };
  for (const Row& row :
       {Row{"{{.Tag}}",
            "the result has no field 'Tag'; there are .Before, .Bytes, .Digest, "
            ".DryRun, .Tags"},
        Row{"{{.Before.Tag}}", "the result has no field 'Tag'; there is .Digest"},
        Row{"{{.Digest.Tag}}", "the result has no field 'Tag'"},
        Row{"{{.Tags}}", "'.Tags' is a list"}, Row{"{{.Before}}", "'.Before' is an object"}})
    EXPECT_THAT([&] { fill(parse_result_template(row.format), kResult); },
                ThrowsError(ErrorKind::kUsage, row.complaint));
  EXPECT_THAT([] { parse_result_template("{{.Tag"); },
              ThrowsError(ErrorKind::kUsage, "--format: template '{{.Tag': '{{' is not closed"));
}

}  // namespace
}  // namespace tote::cmd

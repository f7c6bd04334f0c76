#include "base/field_template.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using testing::HasSubstr;

FieldTemplate parse(std::string_view text) {
  return FieldTemplate::parse(text, {"Tag", "Last"});
}

TEST(FieldTemplate, IsFilledWithWhatEachFieldIs) {
  const auto value = [](std::string_view field) { return "<" + std::string(field) + ">"; };
  EXPECT_EQ(parse("a/{{.Last}}:{{ .Tag }}-{{.Tag}}").fill(value), "a/<Last>:<Tag>-<Tag>");
  EXPECT_EQ(parse("plain {text}").fill(value), "plain {text}");
  EXPECT_EQ(parse("").fill(value), "");
}

TEST(FieldTemplate, RefusesWhatIsNoField) {
  struct Row {
    const char* text;
    const char* complaint;
  };
  for (const Row& row : {
           Row{"{{.tag}}", "template '{{.tag}}': there is no field '.tag'; there are .Tag, .Last"},
           Row{"{{.Tag", "'{{' is not closed"},
           Row{"{{.Tag}}}}", "'}}' closes nothing"},
           Row{"}}{{.Tag}}", "'}}' closes nothing"},
           Row{"{{Tag}}", "'{{Tag}}' is no field, which begins with a dot"},
           Row{"{{}}", "is no field"},
           Row{"{{.Tag | lower}}", "there is no field '.Tag | lower'"},
           Row{"{{{.Tag}}}", "is no field"},
       }) {
    try {
      parse(row.text);
      ADD_FAILURE() << row.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.message(), HasSubstr(row.complaint));
    }
  }
}

TEST(FieldTemplateTest, MayLeaveItOpenWhichFieldsThereAre) {
  const auto value_of = [](std::string_view path) { return "<" + std::string(path) + ">"; };
  EXPECT_EQ(FieldTemplate::parse("a {{.Digest}} {{ .Before.Digest_2 }}").fill(value_of),
            "a <Digest> <Before.Digest_2>");
  for (const char* text : {"{{.}}", "{{.A.}}", "{{..A}}", "{{.0}}", "{{.A.0}}", "{{.A | lower}}",
                           "{{A}}", "{{.A-B}}", "{{.A"})
    EXPECT_THROW(FieldTemplate::parse(text), Error) << text;
}

}  // namespace
}  // namespace tote

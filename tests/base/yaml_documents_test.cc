// Several documents in one text.
#include "base/yaml_reader.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ThrowsError;
using testing::ElementsAre;

std::vector<std::string> documents_of(const std::string& text) {
  std::vector<std::string> documents;
  for (const Yaml& document : Yaml::parse_all(text, "f")) documents.push_back(document.raw());
  return documents;
}

TEST(YamlDocuments, AreAllRead) {
  EXPECT_THAT(documents_of("---\n# Source: a.yaml\na: 1\n---\nb: 2\n...\n---\n- 3\n"),
              ElementsAre("a: 1", "b: 2", "- 3"));
  EXPECT_THAT(documents_of("a"), ElementsAre("a"));
  EXPECT_THAT(documents_of("--- a\n--- \"b\"\n--- |\n  c\n--- ~\n"),
              ElementsAre("a", "\"b\"", "|\n  c\n", "~"));
  EXPECT_THAT(documents_of("\xef\xbb\xbf"
                           "a: 1\r\n---\r\nb: 2\r\n"),
              ElementsAre("a: 1", "b: 2"));
}

TEST(YamlDocuments, AreSkippedWhereThereIsNothing) {
  for (const char* text : {"", "\n", "# c\n", "---\n", "---\n---\n# c\n---\n", "---\n...\n"})
    EXPECT_THAT(documents_of(text), ElementsAre()) << text;
  EXPECT_THAT(documents_of("---\n# c\n---\na\n---\n\n---\nb\n---\n"), ElementsAre("a", "b"));
}

TEST(YamlDocuments, HaveMarksInTheWholeText) {
  const std::string text = "--- é\n---\nb: x\n";
  const Yaml second = Yaml::parse_all(text, "f").at(1).members().at(0).second;
  EXPECT_EQ(second.begin_mark().offset, 14U);
  EXPECT_EQ(second.begin_mark().line, 3U);
  EXPECT_EQ(second.begin_mark().column, 4U);
  EXPECT_EQ(second.where(), "f, line 3");
}

TEST(YamlDocuments, HaveAnchorsOfTheirOwn) {
  EXPECT_THAT([] { documents_of("--- &a x\n--- *a\n"); },
              ThrowsError(ErrorKind::kParse, "f, line 2: unknown anchor 'a' referenced"));
}

TEST(YamlDocuments, AreBoundedTogether) {
  std::string text;
  for (int i = 0; i < 1'000'001; ++i) text += "---\n";
  EXPECT_THAT([&] { documents_of(text); },
              ThrowsError(ErrorKind::kParse, "f: more than 1000000 nodes"));
}

TEST(YamlDocuments, AreRefusedWithTheFirstThatIsWrong) {
  EXPECT_THAT([] { documents_of("a: 1\n---\nb: [\n"); },
              ThrowsError(ErrorKind::kParse, "f, line "));
}

}  // namespace
}  // namespace tote

#include "base/yaml_reader.h"

#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tote {
namespace {

using test::ThrowsError;

Yaml parse(const std::string& text) {
  return Yaml::parse(text, "file.yml");
}

struct Scalar {
  const char* text;
  Yaml::Kind kind;
  Yaml::Style style;
  const char* want;
};

TEST(YamlReader, GivesScalarsAsTheyAreWritten) {
  using Kind = Yaml::Kind;
  using Style = Yaml::Style;
  for (const Scalar& row :
       std::vector<Scalar>{{"plain", Kind::kScalar, Style::kPlain, "plain"},
                           {"1.0", Kind::kScalar, Style::kPlain, "1.0"},
                           {"true", Kind::kScalar, Style::kPlain, "true"},
                           {"a\n b", Kind::kScalar, Style::kPlain, "a b"},
                           {"''", Kind::kScalar, Style::kSingleQuoted, ""},
                           {"'it''s'", Kind::kScalar, Style::kSingleQuoted, "it's"},
                           {"\"a\\tb\\x01\"", Kind::kScalar, Style::kDoubleQuoted, "a\tb\x01"},
                           {"\"null\"", Kind::kScalar, Style::kDoubleQuoted, "null"},
                           {"!!str null", Kind::kScalar, Style::kPlain, "null"},
                           {"|\n a\n b\n", Kind::kScalar, Style::kLiteral, "a\nb\n"},
                           {">-\n a\n b\n", Kind::kScalar, Style::kFolded, "a b"},
                           {"null", Kind::kNull, Style::kPlain, nullptr},
                           {"Null", Kind::kNull, Style::kPlain, nullptr},
                           {"NULL", Kind::kNull, Style::kPlain, nullptr},
                           {"~", Kind::kNull, Style::kPlain, nullptr},
                           {"", Kind::kNull, Style::kPlain, nullptr},
                           {"---\n", Kind::kNull, Style::kPlain, nullptr},
                           {"# only a comment\n", Kind::kNull, Style::kPlain, nullptr},
                           {"\xef\xbb\xbf"
                            "bom",
                            Kind::kScalar, Style::kPlain, "bom"}}) {
    const Yaml node = parse(row.text);
    EXPECT_EQ(node.kind(), row.kind) << row.text;
    EXPECT_EQ(node.style(), row.style) << row.text;
    if (row.want != nullptr) {
      EXPECT_EQ(node.text(), row.want) << row.text;
    }
  }
}

TEST(YamlReader, KnowsWhereThingsAre) {
  const Yaml root = parse("a: 1\nb:\n- x\n- {c: d}\n");
  const auto members = root.members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].first, "a");
  EXPECT_EQ(members[1].second.items().at(1).where(), "file.yml, line 4");
  EXPECT_EQ(members[1].second.items().at(1).members().at(0).second.text(), "d");
}

TEST(YamlReader, TakesTheFirstDocumentOnly) {
  EXPECT_EQ(parse("--- a\n--- [\n").text(), "a");
}

TEST(YamlReader, FollowsAliases) {
  const auto members = parse("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n").members();
  EXPECT_EQ(members[1].second.items().size(), 2U);
  EXPECT_EQ(members[3].second.text(), "3") << "the last anchor of that name";
}

struct Bad {
  const char* text;
  const char* complaint;
};

struct Merge {
  const char* text;  // of a mapping, in which "a" and "b" are known
  const char* want;  // its members
};

TEST(YamlReader, MergesMappings) {
  for (const Merge& row : std::vector<Merge>{
           {"{<<: *a}", "x=1 y=2"},
           {"{<<: *a, z: 9}", "z=9 x=1 y=2"},
           {"{z: 9, <<: *a}", "z=9 x=1 y=2"},
           {"{<<: *a, x: 9}", "x=9 y=2"},
           {"{x: 9, <<: *a}", "x=9 y=2"},
           {"{<<: [*a, *b]}", "x=1 y=2 z=4"},
           {"{<<: [*b, *a]}", "y=3 z=4 x=1"},
           {"{<<: []}", ""},
           {"{<<: {x: 7}}", "x=7"},
           {"{<<: {<<: *a, x: 7}}", "x=7 y=2"},
           {"{'<<': 7}", "<<=7"},
           {"{\"<<\": 7, <<: *a}", nullptr},
           {"{<<: *a, <<: *b}", nullptr},
           {"{<<: 7}", nullptr},
           {"{<<: }", nullptr},
           {"{<<: [*a, 7]}", nullptr},
           {"{<<: [[*a]]}", nullptr},
       }) {
    const Yaml root = parse(std::string("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: ") + row.text);
    const Yaml merged = root.members()[2].second;
    if (row.want == nullptr) {
      EXPECT_THAT([&] { merged.members(); }, ThrowsError(ErrorKind::kParse, "line 3")) << row.text;
      continue;
    }
    std::string members;
    for (const auto& [key, value] : merged.members())
      members += (members.empty() ? "" : " ") + key + "=" + value.text();
    EXPECT_EQ(members, row.want) << row.text;
  }
}

TEST(YamlReader, BoundsMergesThatLeadToOthers) {
  std::string text = "- &a0 {x: 1}\n";
  for (int i = 1; i < 10'000; ++i)
    text += "- &a" + std::to_string(i) + " {<<: *a" + std::to_string(i - 1) + "}\n";
  const std::vector<Yaml> items = parse(text).items();
  EXPECT_EQ(items[99].members().size(), 1U);
  EXPECT_THAT([&] { items.back().members(); },
              ThrowsError(ErrorKind::kParse, "\"<<\" leads on more than 100 times"));
}

TEST(YamlReader, BoundsTheTextThatAliasesMultiply) {
  std::string text = "a: &a\n  ? " + std::string(1U << 20U, 'k') + "\n  : v\nb: {<<: [";
  for (int i = 0; i < 1000; ++i) text += i == 0 ? "*a" : ", *a";
  const Yaml merged = parse(text + "]}\n").members()[1].second;
  EXPECT_THAT([&] { merged.members(); },
              ThrowsError(ErrorKind::kParse, "file.yml: aliases make too much of its text"));
}

TEST(YamlReader, SaysInWhichLineItIsWrong) {
  for (const Bad& row :
       std::vector<Bad>{{"a: [", "file.yml, line "},
                        {"a: b\n  c: d", "file.yml, line 2: mapping values"},
                        {"\ta: b", "file.yml, line 1: found character that cannot"},
                        {"a: *none", "line 1: unknown anchor 'none' referenced"},
                        {"a: &x [*x]", "line 1: anchor 'x' value contains itself"},
                        {"a: &x {b: [*x]}", "anchor 'x' value contains itself"},
                        {"%YAML 9.0\n--- a", "file.yml, line 1"},
                        {"'a", "file.yml, line "},
                        {"\xff", "not UTF-8"},
                        {"a\x01", "control characters are not allowed"},
                        {"}", "file.yml, line 1"},
                        {",", "file.yml, line 1"}})
    EXPECT_THAT([&] { parse(row.text); }, ThrowsError(ErrorKind::kParse, row.complaint))
        << row.text;
  EXPECT_THAT([] { parse("a: 1\na: 2").members(); },
              ThrowsError(ErrorKind::kParse, "line 2: key \"a\" already set in map"));
  EXPECT_THAT([] { parse("[a]: 1").members(); },
              ThrowsError(ErrorKind::kParse, "expected a string"));
}

std::string repeated(const std::string& text, std::size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  return out;
}

// Some of these take minutes where nothing is counted; what memory they take is asserted of the
// program (resources_test.cc).
TEST(YamlReader, IsDoneSoonWithHostileText) {
  constexpr std::size_t kSize = 1U << 20U;
  for (const char* text : {",",
                           "[",
                           "{",
                           "[,",
                           "- ",
                           "- a\n",
                           "a,",
                           "? ",
                           "[a,",
                           "- [",
                           "{a: ",
                           "!t ",
                           "%TAG !a! b\n",
                           "- &a x\n",
                           "---\n- a\n",
                           "a: ",
                           "'",
                           "- 0123456789abcdef\n",
                           "#\n",
                           "\r",
                           "- |\n  #\n"})
    for (const std::string prefix : {"", "k: ", "[", "- ["}) {
      try {
        parse(prefix + repeated(text, kSize)).comments();
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kParse) << prefix << text;
      }
    }
}

TEST(YamlReader, BoundsWhatAliasesMultiply) {
  std::string bomb = "- &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "- &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 8; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  const std::function<std::size_t(const Yaml&)> count = [&](const Yaml& node) -> std::size_t {
    if (node.kind() != Yaml::Kind::kList) return 1;
    std::size_t sum = 0;
    for (const Yaml& item : node.items()) sum += count(item);
    return sum;
  };
  EXPECT_THAT([&] { count(parse(bomb)); },
              ThrowsError(ErrorKind::kParse, "file.yml: more than 1000000 nodes"));
}

TEST(YamlReader, TakesAByteOrderMarkFromWindows) {
  for (const char* text : {"\xef\xbb\xbf"
                           "a: 1\nb: 2\n",
                           "\xef\xbb\xbf---\na: 1\nb: 2\n"})
    EXPECT_EQ(Yaml::parse(text, "f").kind(), Yaml::Kind::kMap) << text;
}

TEST(YamlReader, BoundsDirectivesWhereverTheyBegin) {
  for (const char* before : {"", " \n", "\r\n", "\r", "# x\n"}) {
    std::string text = before;
    for (int i = 0; i < 1001; ++i) text += "%TAG !i! b\n";
    EXPECT_THAT([&] { Yaml::parse(text, "f"); },
                test::ThrowsError(ErrorKind::kParse, "f: more than 1000 directives"));
  }
}

TEST(YamlReader, SaysWhatHelmTakesAScalarFor) {
  struct Row {
    const char* text;
    YamlType type;
    const char* tag;
  };
  for (const Row& row : std::vector<Row>{
           {"yes", YamlType::kBool, ""},
           {"'yes'", YamlType::kText, ""},
           {"\"1\"", YamlType::kText, ""},
           {"1.25", YamlType::kFloat, ""},
           {"1.25.0", YamlType::kText, ""},
           {"0x1f", YamlType::kInteger, ""},
           {"~", YamlType::kNull, ""},
           {"", YamlType::kNull, ""},
           {"|\n  1\n", YamlType::kText, ""},
           {"!!str 1", YamlType::kText, "!!str"},
           {"&a !!int '1'", YamlType::kInteger, "!!int"},
           {"!!str", YamlType::kText, "!!str"},
           {"! 1", YamlType::kText, "!"},
           {"!mine\n  1", YamlType::kText, "!mine"},
           {"!<tag:yaml.org,2002:bool> on", YamlType::kBool, "!<tag:yaml.org,2002:bool>"},
       }) {
    const Yaml node = parse(std::string("key: ") + row.text).members().at(0).second;
    EXPECT_EQ(static_cast<int>(node.type()), static_cast<int>(row.type)) << row.text;
    EXPECT_EQ(node.tag(), row.tag) << row.text;
  }
}

TEST(YamlReader, KnowsWhichNodeATagIsOf) {
  const Yaml list = parse("- !a {x: !b [!c d, e]}\n- f\n");
  const Yaml mapping = list.items().at(0);
  const Yaml inner = mapping.members().at(0).second;
  EXPECT_EQ(list.tag(), "");
  EXPECT_EQ(mapping.tag(), "!a");
  EXPECT_EQ(inner.tag(), "!b");
  EXPECT_EQ(inner.items().at(0).tag(), "!c");
  EXPECT_EQ(inner.items().at(1).tag(), "");
  EXPECT_EQ(list.items().at(1).tag(), "");
}

std::string members_of(const std::string& text) {
  std::string shown;
  for (const auto& [key, value] : parse(text).members(Yaml::Duplicates::kLastCounts))
    shown += fmt::format("{}{}={}", shown.empty() ? "" : " ", key,
                         value.kind() == Yaml::Kind::kNull ? "~" : value.text());
  return shown;
}

TEST(YamlReader, LetsTheLastOfAKeyCountWhereAsked) {
  EXPECT_EQ(members_of("{a: 1, b: 2, a: 3}"), "a=3 b=2");
  EXPECT_EQ(members_of("{a: 1, a: 2, a: }"), "a=~");
  EXPECT_EQ(members_of("{<<: {a: 1, c: 2, c: 3}, a: 4, a: 5}"), "a=5 c=3");
  EXPECT_EQ(members_of("{<<: {a: 1, a: 2}, a: 3}"), "a=3");
  EXPECT_EQ(members_of("{<<: [{a: 1}, {a: 2, a: 3}]}"), "a=1");
}

TEST(YamlReader, GivesKeysAsTheyAreWritten) {
  const auto entries = parse("8080: a\n\"x\": b\n~: c\n? [d]\n: e\n<<: f\nx: g\n").entries();
  std::vector<std::string> keys;
  for (const auto& [key, value] : entries) keys.push_back(key.raw());
  EXPECT_THAT(keys, testing::ElementsAre("8080", "\"x\"", "~", "[d]", "<<", "x"));
  EXPECT_EQ(entries[1].first.begin_mark().offset, 8U);
  EXPECT_EQ(entries[5].second.text(), "g");
}

}  // namespace
}  // namespace tote

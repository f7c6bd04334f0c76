// Where nodes and comments stand in a text, and what can be done with that.
#include "base/yaml_reader.h"
#include "base/yaml_writer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tote {
namespace {

using testing::ElementsAre;

Yaml parse(const std::string& text) {
  return Yaml::parse(text, "values.yaml");
}

// Keys and, in lists, numbers.
Yaml at(Yaml node, const std::vector<std::string>& path) {
  for (const std::string& step : path) {
    if (node.kind() == Yaml::Kind::kList) {
      node = node.items().at(std::stoul(step));
      continue;
    }
    for (const auto& [key, value] : node.members())
      if (key == step) {
        node = value;
        break;
      }
  }
  return node;
}

std::string shown(const YamlMark& mark) {
  return fmt::format("{}@{}:{}", mark.offset, mark.line, mark.column);
}

struct Place {
  const char* name;
  std::string text;
  std::vector<std::string> path;
  std::string begin;  // "offset@line:column"
  std::string end;
  std::string raw;
};

class YamlMarks : public testing::TestWithParam<Place> {};

TEST_P(YamlMarks, SayWhereAPartOfTheTextStands) {
  const Place& place = GetParam();
  const Yaml node = at(parse(place.text), place.path);
  EXPECT_EQ(shown(node.begin_mark()), place.begin);
  EXPECT_EQ(shown(node.end_mark()), place.end);
  EXPECT_EQ(node.raw(), place.raw);
  EXPECT_EQ(place.text.substr(node.begin_mark().offset,
                              node.end_mark().offset - node.begin_mark().offset),
            place.raw);
}

// As a chart has it.
const std::string kValues =
    "# Default values\n"
    "image:\n"
    "  repository: nginx  # upstream\n"
    "  tag: \"1.25\"\n"
    "  pullPolicy: 'If''s'\n"
    "\n"
    "sidecars:\n"
    "  - {name: proxy, image: \"quay.io/a/b:1\"}\n"
    "  - name: été\n"
    "    image: ghcr.io/x/y@sha256:00\n"
    "script: |\n"
    "  echo \"# no comment\"\n"
    "\n"
    "  exit\n"
    "\n"
    "folded: >-\n"
    "  a\n"
    "  b\n"
    "empty:\n"
    "last: 1\n";

INSTANTIATE_TEST_SUITE_P(
    Values, YamlMarks,
    testing::Values(
        Place{"Plain", kValues, {"image", "repository"}, "38@3:15", "43@3:20", "nginx"},
        Place{"DoubleQuoted", kValues, {"image", "tag"}, "63@4:8", "69@4:14", "\"1.25\""},
        Place{"SingleQuoted", kValues, {"image", "pullPolicy"}, "84@5:15", "91@5:22", "'If''s'"},
        Place{"InAFlowMapping",
              kValues,
              {"sidecars", "0", "image"},
              "128@8:26",
              "143@8:41",
              "\"quay.io/a/b:1\""},
        Place{"FlowMapping",
              kValues,
              {"sidecars", "0"},
              "107@8:5",
              "144@8:42",
              "{name: proxy, image: \"quay.io/a/b:1\"}"},
        Place{"NotAscii", kValues, {"sidecars", "1", "name"}, "155@9:11", "160@9:16", "été"},
        Place{"BlockMapping",
              kValues,
              {"sidecars", "1"},
              "149@9:5",
              "193@10:33",
              "name: été\n    image: ghcr.io/x/y@sha256:00"},
        Place{"Literal",
              kValues,
              {"script"},
              "202@11:9",
              "235@16:1",
              "|\n  echo \"# no comment\"\n\n  exit\n\n"},
        Place{"Folded", kValues, {"folded"}, "243@16:9", "254@19:1", ">-\n  a\n  b\n"},
        Place{"Nothing", kValues, {"empty"}, "260@19:7", "260@19:7", ""},
        Place{"BehindAll", kValues, {"last"}, "267@20:7", "268@20:8", "1"}),
    [](const auto& test) { return test.param.name; });

const std::string kByteOrderMark = "\xef\xbb\xbf";

INSTANTIATE_TEST_SUITE_P(
    Texts, YamlMarks,
    testing::Values(
        Place{"WindowsLines", "a: 1\r\nb:\r\n  c: x y\r\n", {"b", "c"}, "15@3:6", "18@3:9", "x y"},
        Place{"LiteralOfWindowsLines",
              "a: |\r\n  x\r\nb: 1\r\n",
              {"a"},
              "3@1:4",
              "11@3:1",
              "|\r\n  x\r\n"},
        Place{"ByteOrderMark", kByteOrderMark + "a: é b\n", {"a"}, "6@1:4", "10@1:8", "é b"},
        Place{"ByteOrderMarkAndLines",
              kByteOrderMark + "---\r\na: x\r\n",
              {"a"},
              "11@2:4",
              "12@2:5",
              "x"},
        Place{"TabsBetween", "a:\t\tx\t\t# c\n", {"a"}, "4@1:5", "5@1:6", "x"},
        Place{"Emoji",
              "\"😀\": {ключ: \"знач\"} # 😀\n",
              {"😀", "ключ"},
              "19@1:20",
              "29@1:30",
              "\"знач\""},
        Place{"ManyLines",
              "a: one\n  two\n\n  three\nb: 1\n",
              {"a"},
              "3@1:4",
              "21@4:8",
              "one\n  two\n\n  three"},
        Place{"QuotedLines", "a: \"one\\\n  two\"\n", {"a"}, "3@1:4", "15@2:7", "\"one\\\n  two\""},
        Place{"Anchor", "a: &x v\n", {"a"}, "6@1:7", "7@1:8", "v"},
        Place{"AnchorAndTag", "a: &x  !!str # c\n  5\n", {"a"}, "19@2:3", "20@2:4", "5"},
        Place{"TagAndAnchor", "a: !<tag:x,1:y> &x '5'\n", {"a"}, "19@1:20", "22@1:23", "'5'"},
        Place{"AnchorAtOnceBefore", "a: &x:v#w\n", {"a"}, "5@1:6", "9@1:10", ":v#w"},
        Place{"AnchorOfNothing", "a: &x\nb: 1\n", {"a"}, "5@1:6", "5@1:6", ""},
        Place{
            "TaggedList", "a: !l\n  - 1\n  -  2\nb: 1\n", {"a"}, "8@2:3", "18@3:7", "- 1\n  -  2"},
        Place{"AnchoredMapping", "a: &x\n  &k b: 1\n", {"a"}, "8@2:3", "15@2:10", "&k b: 1"},
        Place{"Alias", "a: &x v\nb: *x\n", {"b"}, "6@1:7", "7@1:8", "v"},
        Place{"EndsInAnAlias",
              "a: &x v\nb:\n  c: *x\n\n\nd: 1\n",
              {"b"},
              "13@3:3",
              "18@3:8",
              "c: *x"},
        Place{"FlowOfLines",
              "a: [ # c\n  1,\n  2,\n]\n",
              {"a"},
              "3@1:4",
              "20@4:2",
              "[ # c\n  1,\n  2,\n]"},
        Place{"NothingInAFlow", "{a: , b: 1}", {"a"}, "4@1:5", "4@1:5", ""},
        Place{
            "ListWithoutIndentation", "a:\n- x\n- y\nb: 1\n", {"a"}, "3@2:1", "10@3:4", "- x\n- y"},
        Place{"LiteralAtTheEnd", "a: |\n  x", {"a"}, "3@1:4", "8@2:4", "|\n  x"},
        Place{"Kept", "a: |+ # c\n  x\n\n\nb: 1\n", {"a"}, "3@1:4", "16@5:1", "|+ # c\n  x\n\n\n"},
        Place{"OtherLineBreaks",
              "a: 1\xe2\x80\xa8"
              "b: x\xc2\x85"
              "c: y\r"
              "d: z\n",
              {"d"},
              "21@4:4",
              "22@4:5",
              "z"},
        Place{"Root", "  x  # c\n", {}, "2@1:3", "3@1:4", "x"},
        Place{"Empty", "", {}, "0@1:1", "0@1:1", ""},
        Place{"EmptyButForAByteOrderMark", kByteOrderMark, {}, "3@1:1", "3@1:1", ""}),
    [](const auto& test) { return test.param.name; });

TEST(YamlMarks, HaveTheSameLineAsComplaints) {
  const Yaml root = parse(kValues);
  const std::function<void(const Yaml&)> check = [&](const Yaml& node) {
    EXPECT_EQ(node.begin_mark().line, node.line());
    if (node.kind() == Yaml::Kind::kList)
      for (const Yaml& item : node.items()) check(item);
    if (node.kind() == Yaml::Kind::kMap)
      for (const auto& [key, value] : node.entries()) {
        check(key);
        check(value);
      }
  };
  check(root);
}

// ---- what they are for -------------------------------------------------------------------------

std::string replaced(const std::string& text, const Yaml& node, const std::string& with) {
  return text.substr(0, node.begin_mark().offset) + with + text.substr(node.end_mark().offset);
}

struct Replacement {
  const char* name;
  std::string text;
  std::vector<std::string> path;
  std::string want;
};

class YamlReplacement : public testing::TestWithParam<Replacement> {};

TEST_P(YamlReplacement, OfAScalarKeepsEveryOtherByte) {
  const Replacement& row = GetParam();
  const std::string image = "registry.corp:5000/mirror/nginx@sha256:0f";
  const Yaml old = at(parse(row.text), row.path);
  const std::string edited = replaced(row.text, old, yaml_scalar(image, 0, 0));
  EXPECT_EQ(edited, row.want);
  const Yaml now = at(parse(edited), row.path);
  EXPECT_EQ(now.text(), image);
  EXPECT_EQ(now.begin_mark().offset, old.begin_mark().offset);
}

const std::string kNew = "registry.corp:5000/mirror/nginx@sha256:0f";

INSTANTIATE_TEST_SUITE_P(
    All, YamlReplacement,
    testing::Values(
        Replacement{"Plain",
                    "image: nginx   # c\nb: [ 1,2 ]\n",
                    {"image"},
                    "image: " + kNew + "   # c\nb: [ 1,2 ]\n"},
        Replacement{"Quoted",
                    "image: \"nginx:1\"\t# c\r\nb:  1\r\n",
                    {"image"},
                    "image: " + kNew + "\t# c\r\nb:  1\r\n"},
        Replacement{"SingleQuoted",
                    "- {image: 'nginx:1', \"x\": y }",
                    {"0", "image"},
                    "- {image: " + kNew + ", \"x\": y }"},
        Replacement{
            "WithAnchor", "a: &i !!str nginx\nb: *i\n", {"a"}, "a: &i !!str " + kNew + "\nb: *i\n"},
        Replacement{"ByAlias", "a: &i nginx\nb: *i\n", {"b"}, "a: &i " + kNew + "\nb: *i\n"},
        Replacement{"BehindAByteOrderMark",
                    kByteOrderMark + "é: nginx\n",
                    {"é"},
                    kByteOrderMark + "é: " + kNew + "\n"},
        Replacement{"OfLines", "a: nginx\n  :1\nb: 1\n", {"a"}, "a: " + kNew + "\nb: 1\n"}),
    [](const auto& test) { return test.param.name; });

// ---- comments ----------------------------------------------------------------------------------

std::vector<std::string> comments_of(const std::string& text) {
  std::vector<std::string> comments;
  for (const YamlComment& comment : parse(text).comments()) {
    EXPECT_EQ(text.substr(comment.begin.offset, comment.text.size()), comment.text);
    comments.push_back(
        fmt::format("{}:{} {}", comment.begin.line, comment.begin.column, comment.text));
  }
  return comments;
}

TEST(YamlComments, AreFoundBetweenScalars) {
  EXPECT_THAT(comments_of(kValues), ElementsAre("1:1 # Default values", "3:22 # upstream"));
  EXPECT_THAT(comments_of("a: 'x # y'\nb: \"# z\" # 1\nc: d#e #2 #3\n# 4 \r\n  #5"),
              ElementsAre("2:10 # 1", "3:8 #2 #3", "4:1 # 4 ", "5:3 #5"));
  EXPECT_THAT(comments_of("a: | # header\n  # text\n # behind\nb: >-  #2\n  x\n"),
              ElementsAre("1:6 # header", "3:2 # behind", "4:8 #2"));
  EXPECT_THAT(comments_of("[ # 1\n a, # 2\n {b: c #3\n }] # 4"),
              ElementsAre("1:3 # 1", "2:5 # 2", "3:8 #3", "4:5 # 4"));
  EXPECT_THAT(comments_of("%YAML 1.1 # d\n--- # e\na: &x # f\n  b\nc: !!str # g\n"),
              ElementsAre("1:11 # d", "2:5 # e", "3:7 # f", "5:10 # g"));
  EXPECT_THAT(comments_of("# only\n"), ElementsAre("1:1 # only"));
  EXPECT_THAT(comments_of("a: x\n  y\n  #é\nb: \"q\n  # no\n  r\"\n"), ElementsAre("3:3 #é"));
}

TEST(YamlComments, AreThoseOfWhatWasRead) {
  const std::string text = "# 1\na: 1\n---\n# 2\nb: 1\n# 3\n";
  EXPECT_EQ(Yaml::parse(text, "f").comments().size(), 1U);
  EXPECT_EQ(Yaml::parse_all(text, "f").at(0).comments().size(), 3U);
}

}  // namespace
}  // namespace tote

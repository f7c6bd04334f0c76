#include "base/yaml_writer.h"

#include "base/yaml_reader.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

struct Row {
  std::string text;
  std::string want;
};
class YamlScalar : public testing::TestWithParam<Row> {};

TEST_P(YamlScalar, IsWrittenAsImgpkgWritesIt) {
  EXPECT_EQ(yaml_scalar(GetParam().text, 0, 0), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, YamlScalar,
    testing::Values(Row{"plain", "plain"}, Row{"two words", "two words"}, Row{"1.0", "\"1.0\""},
                    Row{"true", "\"true\""}, Row{"yes", "\"yes\""}, Row{"y", "\"y\""},
                    Row{"null", "\"null\""}, Row{"~", "\"~\""}, Row{"0x10", "\"0x10\""},
                    Row{"1:20", "\"1:20\""}, Row{"1_000", "\"1_000\""},
                    Row{"2020-01-01", "\"2020-01-01\""}, Row{"", "\"\""}, Row{".inf", "\".inf\""},
                    Row{"a\tb", "\"a\\tb\""},
                    Row{"a\x01"
                        "b",
                        "\"a\\x01b\""},
                    Row{"\U0001F600", "\"\\U0001F600\""}, Row{"a: b", "'a: b'"},
                    Row{"a #b", "'a #b'"}, Row{"&x", "'&x'"}, Row{"@x", "'@x'"},
                    Row{"- x", "'- x'"}, Row{" x", "' x'"}, Row{"x ", "'x '"}, Row{"---", "'---'"},
                    Row{"[a]", "'[a]'"}, Row{"{a}", "'{a}'"}, Row{"a\u2028b", "\"a\\Lb\""},
                    Row{"\u0085", "\"\\N\""}, Row{"it's: so", "'it''s: so'"},
                    Row{"gr\u00fc\u00dfe", "gr\u00fc\u00dfe"}, Row{"v1.2.3", "v1.2.3"},
                    Row{"a:b", "a:b"}, Row{"-x", "-x"}, Row{"sha256:ab", "sha256:ab"}));

TEST(YamlField, WritesSeveralLinesAsALiteral) {
  EXPECT_EQ(yaml_field("k", "a\nb\n", 2), "  k: |\n    a\n    b\n");
  EXPECT_EQ(yaml_field("k", "a\n\nb", 0), "k: |-\n  a\n\n  b\n");
}

TEST(YamlField, FoldsBehindColumnEighty) {
  const std::string words = std::string(78, 'a') + " " + std::string(10, 'b') + " c";
  EXPECT_EQ(yaml_field("k", words, 0),
            "k: " + std::string(78, 'a') + "\n  " + std::string(10, 'b') + " c\n");
}

TEST(YamlField, ComesBackAsTheSameText) {
  for (const std::string& text :
       {std::string("1.0"), std::string("a\tb"), std::string("it's: so"), std::string("a\n\nb\n"),
        std::string("yes"), std::string("\u00e9 \U0001F600"), std::string(300, 'x'),
        std::string("many ") + std::string(200, 'w') + " words", std::string(" x\ny"),
        std::string("a\n\n\n")}) {
    const Yaml yaml = Yaml::parse(yaml_field("key", text, 0), "t");
    EXPECT_EQ(yaml.members().at(0).second.text(), text);
  }
}

TEST(YamlKeyLess, OrdersNumbersByValueAndLettersLast) {
  EXPECT_TRUE(yaml_key_less("a9", "a10"));
  EXPECT_FALSE(yaml_key_less("a10", "a9"));
  EXPECT_TRUE(yaml_key_less("1", "a"));
  EXPECT_TRUE(yaml_key_less("_", "A"));
  EXPECT_TRUE(yaml_key_less("A", "a"));
  EXPECT_TRUE(yaml_key_less("a", "ab"));
  EXPECT_FALSE(yaml_key_less("a", "a"));
  EXPECT_TRUE(yaml_key_less("a19", "a123"));
}

}  // namespace
}  // namespace tote

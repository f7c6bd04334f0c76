#include "base/toml_reader.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ThrowsError;

const Toml& member(const Toml& table, std::string_view name) {
  for (const auto& [key, value] : table.members())
    if (key == name) return value;
  throw std::runtime_error("no such member");
}

TEST(TomlTest, ReadsWhatThereIs) {
  const Toml document = Toml::parse(R"(# comment ]]]]
a = "x\"y"   # "
b = [true, 'c.d.e', """
long""", 7, 2024-01-01]
[t.u]
"v.w" = { x = 1 }
[[r]]
k = "1"
[[r]]
k = "2"
)",
                                    "f.conf");
  EXPECT_EQ(member(document, "a").text(), "x\"y");
  EXPECT_EQ(member(document, "a").where(), "f.conf, line 2");
  const auto& items = member(document, "b").items();
  ASSERT_EQ(items.size(), 5U);
  EXPECT_TRUE(items[0].boolean());
  EXPECT_EQ(items[2].text(), "long");
  EXPECT_EQ(items[3].kind(), Toml::Kind::kOther);
  EXPECT_EQ(member(member(member(document, "t"), "u"), "v.w").kind(), Toml::Kind::kTable);
  EXPECT_EQ(member(document, "r").items().size(), 2U);
  EXPECT_EQ(member(member(document, "r").items()[1], "k").where(), "f.conf, line 10");
}

TEST(TomlTest, SaysWhereItIsWrong) {
  struct Row {
    const char* text;
    const char* complaint;
  };
  for (const Row& row : {Row{"a = 1\nb", "f, line 2: "}, Row{"a = 1\na = 2", "f, line 2: "},
                         Row{"a = \"x\n", "f, line 1: "}, Row{"a = \"\xff\"", "f, line 1: "},
                         Row{"[a\n", "f, line 1: "}, Row{"\x01", "f, line 1: "}})
    EXPECT_THAT([&] { Toml::parse(row.text, "f"); }, ThrowsError(ErrorKind::kParse, row.complaint));
  const Toml document = Toml::parse("\na = 1\n", "f");
  EXPECT_THAT([&] { member(document, "a").text(); },
              ThrowsError(ErrorKind::kParse, "f, line 2: expected a text"));
  EXPECT_THAT([&] { member(document, "a").boolean(); }, ThrowsError(ErrorKind::kParse, "true or"));
  EXPECT_THAT([&] { member(document, "a").items(); }, ThrowsError(ErrorKind::kParse, "a list"));
  EXPECT_THAT([&] { member(document, "a").members(); }, ThrowsError(ErrorKind::kParse, "a table"));
}

TEST(TomlTest, IsBounded) {
  std::string dots = "a";
  for (int i = 0; i < 300'000; ++i) dots += ".a";
  const std::string deep = std::string(300'000, '[');
  for (const std::string& text : {dots + " = 1", "[" + dots + "]", "x = " + deep,
                                  "x = {" + dots + " = 1}", "x = [\n[\n{\n" + dots + " = 1}]]"})
    EXPECT_THAT([&] { Toml::parse(text, "f"); },
                ThrowsError(ErrorKind::kParse, "it is nested too deeply"));
  EXPECT_THAT([] { Toml::parse(std::string(kMaxTomlSize + 1, ' '), "f"); },
              ThrowsError(ErrorKind::kParse, "larger than"));
  // Dots and brackets in texts and comments nest nothing.
  EXPECT_NO_THROW(
      Toml::parse("a = \"" + std::string(1000, '.') + "\" # " + std::string(1000, '['), "f"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a" + std::to_string(i) + ".b.c = 'x.y'\n";
  EXPECT_EQ(Toml::parse(many, "f").members().size(), 1000U);
}

}  // namespace
}  // namespace tote

#include "base/printable.h"

#include "base/json.h"
#include "base/json_quote.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

struct Row {
  const char* name;
  std::string text;
  std::string shown;
};
class Printable : public testing::TestWithParam<Row> {};

TEST_P(Printable, ShowsWhatWouldSteerATerminalOrHide) {
  EXPECT_EQ(printable(GetParam().text), GetParam().shown);
  EXPECT_EQ(printable(GetParam().shown), GetParam().shown) << "shown twice";
}

INSTANTIATE_TEST_SUITE_P(
    All, Printable,
    testing::Values(
        Row{"Nothing", "", ""}, Row{"Plain", "a b\tc\n", "a b\tc\n"},
        Row{"Escape", "\x1b[2J", "\\x1b[2J"}, Row{"Nul", std::string("a\0b", 3), "a\\x00b"},
        Row{"CarriageReturn", "good\rbad", "good\\x0dbad"}, Row{"Backspace", "\b", "\\x08"},
        Row{"Delete", "\x7f", "\\x7f"}, Row{"C1AsUtf8", "\u009b31m", "\\u009b31m"},
        Row{"NextLine", "\u0085", "\\u0085"},
        Row{"C1AsByte",
            "\x9b"
            "31m",
            "\\x9b31m"},
        Row{"LatinByte", "caf\xe9", "caf\\xe9"}, Row{"CutSequence", "\xe2\x80", "\\xe2\\x80"},
        Row{"Overlong", "\xc0\x9b", "\\xc0\\x9b"},
        Row{"RightToLeftOverride", "a\u202egpj.exe", "a\\u202egpj.exe"},
        Row{"Embedding", "\u202a\u202b\u202c\u202d", "\\u202a\\u202b\\u202c\\u202d"},
        Row{"Isolates", "\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"},
        Row{"Marks", "\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"},
        Row{"Separators", "\u2028\u2029", "\\u2028\\u2029"},
        Row{"ZeroWidthSpace", "ad\u200bmin", "ad\\u200bmin"},
        Row{"ZeroWidthNoBreak", "\ufeff", "\\ufeff"}, Row{"WordJoiner", "\u2060", "\\u2060"},
        Row{"SoftHyphen", "ad\u00admin", "ad\\u00admin"},
        Row{"JoinerBetweenLetters", "a\u200db\u200cc", "a\\u200db\\u200cc"},
        Row{"SelectorBehindALetter", "a\ufe0f", "a\\ufe0f"},
        Row{"TwoJoiners", "\u0915\u200d\u200d", "\u0915\u200d\\u200d"},
        Row{"Tags", "a\U000e0041\U000e007f", "a\\U000e0041\\U000e007f"},
        Row{"HangulFiller", "\u3164", "\\u3164"}, Row{"German", "Größe ß", "Größe ß"},
        Row{"Arabic", "سلام", "سلام"},
        Row{"PersianWithNonJoiner", "می\u200cخواهم", "می\u200cخواهم"},
        Row{"Hindi", "क्\u200dष", "क्\u200dष"}, Row{"Decomposed", "cafe\u0301", "cafe\u0301"},
        Row{"Family", "👩\u200d👧", "👩\u200d👧"}, Row{"Heart", "❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"},
        Row{"LastCodePoint", "\U0010ffff", "\U0010ffff"}),
    [](const auto& row) { return row.param.name; });

TEST(PrintableJson, IsTheSameValue) {
  const std::string text = "a\u202e\u009b\U000e0041\x7f \u0645\u06cc\u200c\u062e b";
  const std::string shown = printable_json(json_quote(text));
  EXPECT_EQ(shown, "\"a\\u202e\\u009b\\udb40\\udc41\\u007f \u0645\u06cc\u200c\u062e b\"");
  EXPECT_EQ(Json::parse(shown, "text").string(), text);
}

TEST(PrintableJson, StaysJsonWhateverTheBytes) {
  EXPECT_EQ(printable_json("\"\x9b\""), "\"\\ufffd\"");
  EXPECT_EQ(printable_json("{\n  \"a\": 1\n}\n"), "{\n  \"a\": 1\n}\n");
}

}  // namespace
}  // namespace tote

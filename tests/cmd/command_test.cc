#include "cmd/cli/command.h"

#include "cmd/cli/help.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using test::ThrowsError;
using Strings = std::vector<std::string>;

Command with(std::vector<Argument> arguments) {
  Command command;
  command.name = "get";
  command.arguments = std::move(arguments);
  command.run = [](CommandContext&) {};
  return command;
}

const Argument kPlace{.name = "PLACE", .kind = ArgumentKind::kPlace};
const Argument kMaybe{.name = "DIR", .kind = ArgumentKind::kDirectory, .is_optional = true};
const Argument kSome{.name = "TAG", .repeats = true};
const Argument kAny{.name = "TAG", .is_optional = true, .repeats = true};

struct Row {
  const char* name;
  std::vector<Argument> takes;
  Strings given;
  const char* complaint;  // "": none
  const char* usage;
};
class ArgumentCount : public testing::TestWithParam<Row> {};

TEST_P(ArgumentCount, IsSaidInCobrasWords) {
  const Command command = with(GetParam().takes);
  if (*GetParam().complaint == '\0')
    EXPECT_NO_THROW(check_argument_count(command, GetParam().given));
  else
    EXPECT_THAT([&] { check_argument_count(command, GetParam().given); },
                ThrowsError(ErrorKind::kUsage, GetParam().complaint));
  EXPECT_EQ(usage_line(command, "tote get"), GetParam().usage);
}

INSTANTIATE_TEST_SUITE_P(
    All, ArgumentCount,
    testing::Values(
        Row{"One", {kPlace}, {"a"}, "", "tote get PLACE [flags]"},
        Row{"None", {kPlace}, {}, "accepts 1 arg(s), received 0", "tote get PLACE [flags]"},
        Row{"TwoForOne",
            {kPlace},
            {"a", "b"},
            "accepts 1 arg(s), received 2",
            "tote get PLACE [flags]"},
        Row{"OneOfTwo", {kPlace, kMaybe}, {"a"}, "", "tote get PLACE [DIR] [flags]"},
        Row{"BothOfTwo", {kPlace, kMaybe}, {"a", "b"}, "", "tote get PLACE [DIR] [flags]"},
        Row{"ThreeForTwo",
            {kPlace, kMaybe},
            {"a", "b", "c"},
            "accepts between 1 and 2 arg(s), received 3",
            "tote get PLACE [DIR] [flags]"},
        Row{"Many", {kPlace, kSome}, {"a", "b", "c"}, "", "tote get PLACE TAG... [flags]"},
        Row{"TooFewOfMany",
            {kPlace, kSome},
            {"a"},
            "requires at least 2 arg(s), only received 1",
            "tote get PLACE TAG... [flags]"},
        Row{"NoneOfAny", {kAny}, {}, "", "tote get [TAG...] [flags]"}),
    [](const auto& row) { return row.param.name; });

TEST(ExitCodes, AreThoseThatACommandDeclares) {
  Command command = with({});
  EXPECT_TRUE(declares(command, ExitCode::kDone));
  EXPECT_FALSE(declares(command, ExitCode::kFailed)) << "who fails says why, by an error";
  command.exit_codes = {{ExitCode::kFailed, "if half of it is missing"}};
  EXPECT_TRUE(declares(command, ExitCode::kFailed));
}

}  // namespace
}  // namespace tote::cmd

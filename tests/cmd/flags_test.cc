#include "cmd/cli/flag_parser.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using test::ThrowsError;
using Strings = std::vector<std::string>;

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() {
    set_.add_string("image", 'i', image_, "image");
    set_.add_list("file", 'f', files_, "files");
    set_.add_bool("tty", 0, tty_, "tty");
    set_.add_bool("recursive", 'r', recursive_, "recursive");
    set_.add_int("registry-retry-count", 0, count_, "count");
    set_.add_map("labels", 'l', labels_, "labels");
    set_.add_duration("timeout", 0, timeout_, "timeout");
  }

  Strings parse(const Strings& arguments) { return parse_flags({&set_}, arguments).positional; }

  std::string image_;
  Strings files_ = {"default"};
  bool tty_ = false;
  bool recursive_ = false;
  int count_ = 5;
  std::map<std::string, std::string> labels_;
  std::chrono::milliseconds timeout_{30'000};
  FlagSet set_;
};

TEST_F(FlagsTest, TakesEverySpelling) {
  for (const Strings& arguments :
       {Strings{"--image", "x"}, Strings{"--image=x"}, Strings{"-i", "x"}, Strings{"-ix"},
        Strings{"-i=x"}, Strings{"-ri", "x"}}) {
    image_.clear();
    EXPECT_TRUE(parse(arguments).empty());
    EXPECT_EQ(image_, "x") << arguments[0];
  }
}

TEST_F(FlagsTest, MixesArgumentsAndOptions) {
  EXPECT_EQ(parse({"a", "-r", "b", "--", "-c", "--d"}), (Strings{"a", "b"}));
  EXPECT_TRUE(recursive_);
  EXPECT_EQ(parse({"-"}), Strings{"-"});
}

TEST_F(FlagsTest, LetsASwitchBeToldAList) {
  bool on = false;
  Strings types;
  set_.add_switch_or_list("with", on, types, "with");
  struct Row {
    Strings arguments;
    bool on;
    Strings types;
    Strings positional;
  };
  for (const Row& row : {Row{{"--with"}, true, {}, {}}, Row{{"--with", "a"}, true, {}, {"a"}},
                         Row{{"--with=a,b", "--with=c"}, true, {"a", "b", "c"}, {}},
                         Row{{"--with=a", "--with"}, true, {}, {}},
                         Row{{"--with=a", "--with=false"}, false, {}, {}}}) {
    on = false;
    types.clear();
    EXPECT_EQ(parse(row.arguments), row.positional);
    EXPECT_EQ(on, row.on);
    EXPECT_EQ(types, row.types);
  }
  EXPECT_THAT([&] { parse({"--with="}); }, ThrowsError(ErrorKind::kUsage, "it is empty"));
}

TEST_F(FlagsTest, GivesBooleansAValueOnlyWithAnEqualsSign) {
  parse({"--tty=true"});
  EXPECT_TRUE(tty_);
  EXPECT_EQ(parse({"--tty", "false"}), Strings{"false"});
  EXPECT_TRUE(tty_);
  parse({"--tty=false"});
  EXPECT_FALSE(tty_);
}

TEST_F(FlagsTest, ReadsListsAsCsvReplacingTheDefaultOnce) {
  parse({"-f", "app,ex", "-f=\"with,comma\"", "--file", "z"});
  EXPECT_EQ(files_, (Strings{"app", "ex", "with,comma", "z"}));
}

TEST_F(FlagsTest, SplitsLabelsAtTheFirstEqualsSign) {
  parse({"-l", "a=b=c,d=", "--labels", "e=f,g"});
  EXPECT_EQ(labels_, (std::map<std::string, std::string>{{"a", "b=c"}, {"d", ""}, {"e", "f,g"}}));
}

struct Bad {
  Strings arguments;
  const char* complaint;
};

TEST_F(FlagsTest, ComplainsAsPflagDoes) {
  for (const Bad& bad :
       {Bad{{"--nope"}, "unknown flag: --nope"}, Bad{{"-x"}, "unknown shorthand flag: 'x' in -x"},
        Bad{{"-rx"}, "unknown shorthand flag: 'x' in -x"},
        Bad{{"-i"}, "flag needs an argument: 'i' in -i"}, Bad{{"--=x"}, "bad flag syntax: --=x"},
        Bad{{"---x"}, "bad flag syntax: ---x"},
        Bad{{"--registry-retry-count", "+-5"}, "invalid syntax"},
        Bad{{"--image"}, "flag needs an argument: --image"},
        Bad{{"--registry-retry-count", "abc"},
            "invalid argument \"abc\" for \"--registry-retry-count\" flag: strconv.ParseInt: "
            "parsing "
            "\"abc\": invalid syntax"},
        Bad{{"-l", "a"},
            "invalid argument \"a\" for \"-l, --labels\" flag: a must be formatted as key=value"},
        Bad{{"--tty=x"}, "strconv.ParseBool: parsing \"x\": invalid syntax"},
        Bad{{"--timeout", "5"}, "time: missing unit in duration \"5\""},
        Bad{{"-f", "\"open"}, "in quoted-field"}})
    EXPECT_THAT([&] { parse(bad.arguments); }, ThrowsError(ErrorKind::kUsage, bad.complaint))
        << bad.arguments[0];
}

TEST_F(FlagsTest, WantsRequiredFlags) {
  FlagSet set;
  std::string output;
  set.add_string("output", 'o', output, "output").required = true;
  EXPECT_THAT([&] { check_required({&set}, parse_flags({&set}, {})); },
              ThrowsError(ErrorKind::kUsage, "required flag(s) \"output\" not set"));
  EXPECT_NO_THROW(check_required({&set}, parse_flags({&set}, {"-o", "x"})));
}

TEST_F(FlagsTest, ConvertsWhatWasGivenOrTheDefaultWhenSettled) {
  FlagSet set;
  std::uint64_t size = 0;
  std::chrono::seconds wait{3};
  Strings items;
  bool on = true;
  int all = 0;
  set.add_byte_size("size", "4MiB", "", [&](std::uint64_t bytes) { size = bytes; });
  set.add_byte_size("limit", "", "", [](std::uint64_t) { FAIL() << "there is no default"; });
  set.add_duration("wait", wait, "", rounded_up(wait));
  set.add_array("item", "", [&](const std::string& item) { items.push_back(item); });
  set.add_bool("off", "", [&](bool off) { on = !off; });
  set.add_values("words", "", [&](const Strings& words) { all = static_cast<int>(words.size()); });
  parse_flags({&set}, {"--wait", "1500ms", "--item", "a,b", "--item=c", "--words=x", "--words=y"});
  EXPECT_EQ(wait, std::chrono::seconds(3)) << "nothing is converted before";
  settle_flags({&set});
  EXPECT_EQ(size, 4U << 20U);
  EXPECT_EQ(wait, std::chrono::seconds(2));
  EXPECT_EQ(items, (Strings{"a,b", "c"}));
  EXPECT_TRUE(on);
  EXPECT_EQ(all, 2);
}

struct Related {
  const char* name;
  Strings arguments;
  const char* complaint;  // "": none
};
class FlagRelations : public testing::TestWithParam<Related> {};

TEST_P(FlagRelations, HoldOfFlagsThatSaySomething) {
  FlagSet set;
  FlagSet global;
  bool sync = false;
  bool json = false;
  std::string dir;
  std::string tar;
  std::string layout;
  set.add_bool("sync", 0, sync, "").needs({"dir", "layout", "json"});
  set.add_path("dir", 0, dir, "").never_empty();
  set.add_path("tar", 0, tar, "");
  set.add_path("layout", 0, layout, "").excludes({"tar"}).excludes({"dir"}, "One place", "or two");
  global.add_bool("json", 0, json, "");
  const auto run = [&] {
    parse_flags({&set, &global}, GetParam().arguments);
    settle_flags({&set, &global});
  };
  if (*GetParam().complaint == '\0')
    EXPECT_NO_THROW(run());
  else
    EXPECT_THAT(run, ThrowsError(ErrorKind::kUsage, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    All, FlagRelations,
    testing::Values(
        Related{"Nothing", {}, ""}, Related{"With", {"--sync", "--dir", "x"}, ""},
        Related{"WithAnother", {"--sync", "--layout", "x"}, ""},
        Related{"WithAGlobalOne", {"--sync", "--json"}, ""},
        Related{"Without", {"--sync"}, "Expected --sync only with --dir, --layout or --json"},
        Related{"SwitchedOff", {"--sync=false"}, ""},
        Related{"WithOneThatIsOff",
                {"--sync", "--json=false"},
                "Expected --sync only with --dir, --layout or --json"},
        Related{
            "Both", {"--tar", "a", "--layout", "b"}, "Expected either --tar or --layout, not both"},
        Related{"OneIsEmpty", {"--tar=", "--layout", "b"}, ""},
        Related{"InWordsOfItsOwn", {"--dir=a", "--layout", "b"}, "One place"},
        Related{"EmptyWhereThatIsNothing",
                {"--dir="},
                "invalid argument \"\" for \"--dir\" flag: it is empty"}),
    [](const auto& row) { return row.param.name; });

TEST_F(FlagsTest, WantsExactlyOneOfAChoice) {
  FlagSet set;
  std::string tar;
  std::string lock;
  set.add_path("tar", 0, tar, "");
  set.add_path("lock", 0, lock, "");
  set.one_of({"tar", "lock"}, "Expected a source", [] { return "one"; });
  const auto run = [&](const Strings& arguments) {
    tar.clear();
    lock.clear();
    parse_flags({&set}, arguments);
    settle_flags({&set});
  };
  EXPECT_NO_THROW(run({"--tar", "x"}));
  EXPECT_NO_THROW(run({"--tar=", "--lock", "x"}));
  for (const Strings& wrong : {Strings{}, Strings{"--tar", "x", "--lock", "y"}})
    EXPECT_THAT([&] { run(wrong); }, ThrowsError(ErrorKind::kUsage, "Expected a source"));
}

TEST_F(FlagsTest, AnnouncesDeprecatedFlags) {
  FlagSet set;
  std::string value;
  set.add_string("old", 0, value, "old").deprecated = "use '--new' instead";
  EXPECT_EQ(parse_flags({&set}, {"--old", "x"}).deprecated_used,
            Strings{"Flag --old has been deprecated, use '--new' instead"});
}

}  // namespace
}  // namespace tote::cmd

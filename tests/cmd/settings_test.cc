#include "cmd/cli/settings.h"

#include "cmd/cli/global_options.h"
#include "cmd/commands.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
using test::ThrowsError;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Strings = std::vector<std::string>;

SettingsFile parse(const std::string& text) {
  GlobalOptions global;
  FlagSet global_flags;
  global.add_to(global_flags);
  return SettingsFile::parse(text, "config.yml", root_command("tote"), global_flags);
}

// A program with a command `do`, and what its flags are.
struct Program {
  Program() {
    Command command;
    command.name = "do";
    command.run = [](CommandContext&) {};
    FlagSet& flags = command.flags;
    flags.add_string("image", 'i', image, "image");
    flags.add_string("repo", 0, repo, "repo").excludes({"image"});
    flags.add_string("form", 0, form, "form").needs({"repo"});
    flags.add_path("htpasswd", 0, htpasswd, "file").never_empty();
    flags.add_list("file", 'f', files, "files");
    flags.add_array("line", 0, lines, "lines");
    flags.add_bool("tty", 0, tty, "tty").variable = "IMGPKG_TTY";
    flags.add_int("count", 0, count, "count").variable = "IMGPKG_COUNT";
    flags.add_switch_or_list("with", with, types, "with");
    flags.add_map("labels", 'l', labels, "labels");
    flags.add_string("token", 0, token, "token").secret();
    flags.add_bool("plan", 0, plan, "plan").stands_for = [](const Flag& flag) {
      return flag.name == "file";
    };
    root.subcommands.push_back(command);
    command.name = "other";
    command.flags = {};
    command.flags.add_int("insecure", 0, insecure, "insecure").per_host();
    root.subcommands.push_back(command);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const FlagSet& flags() const { return root.subcommands[0].flags; }

  ParsedArguments run(const Settings& settings, const Strings& arguments = {}) const {
    ParsedArguments parsed = parse_flags({&flags()}, arguments);
    apply(settings.of("do", {&flags()}), {&flags()}, parsed);
    return parsed;
  }

  std::string image;
  std::string repo;
  std::string form;
  std::string htpasswd;
  Strings files = {"default"};
  Strings lines;
  bool tty = false;
  int count = 5;
  bool with = false;
  Strings types;
  std::map<std::string, std::string> labels;
  std::string token;
  bool plan = false;
  int insecure = 0;
  Command root;
};

class SettingsTest : public testing::Test {
 protected:
  void write(const std::string& text) const {
    test::write_text(file_, text);
    for (const fs::path& directory : {file_.parent_path().parent_path(), file_.parent_path()})
      ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
    ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
  }

  Settings read(const Environment& environment) const {
    const Program other;
    return Settings(environment, other.root, {});
  }
  Settings read_file() const { return read({{"XDG_CONFIG_HOME", home()}}); }
  std::string home() const { return (directory_ / "config").string(); }

  test::TempDir directory_;
  const fs::path file_ = directory_ / "config" / "tote" / "config.yml";
  Program program_;
};

// ---- variables ----------------------------------------------------------------------------------

TEST_F(SettingsTest, TakesVariablesOfEveryType) {
  program_.run(read({{"TOTE_FLAG_IMAGE", "a"},
                     {"TOTE_FLAG_FILE", "b,\"c,d\""},
                     {"TOTE_FLAG_LINE", "e,f\ng\n"},
                     {"TOTE_FLAG_TTY", "true"},
                     {"TOTE_FLAG_COUNT", "7"},
                     {"TOTE_FLAG_WITH", "x,y"},
                     {"TOTE_FLAG_LABELS", "k=1,l=2"}}));
  EXPECT_EQ(program_.image, "a");
  EXPECT_THAT(program_.files, ElementsAre("b", "c,d"));
  EXPECT_THAT(program_.lines, ElementsAre("e,f", "g"));
  EXPECT_TRUE(program_.tty);
  EXPECT_EQ(program_.count, 7);
  EXPECT_TRUE(program_.with);
  EXPECT_THAT(program_.types, ElementsAre("x", "y"));
  EXPECT_THAT(program_.labels, ElementsAre(Pair("k", "1"), Pair("l", "2")));
}

TEST_F(SettingsTest, TakesAnEmptyVariableForNoneUnlessThatWouldOpenSomething) {
  program_.run(read({{"TOTE_FLAG_COUNT", ""}, {"TOTE_FLAG_FILE", ""}}));
  EXPECT_EQ(program_.count, 5);
  EXPECT_THAT(program_.files, ElementsAre("default"));
  EXPECT_THAT(
      [&] {
        program_.run(read({{"TOTE_FLAG_HTPASSWD", ""}}));
      },
      ThrowsError(ErrorKind::kUsage, "TOTE_FLAG_HTPASSWD: it is empty"));
}

TEST_F(SettingsTest, SaysWhichVariableIsWrong) {
  EXPECT_THAT(
      [&] {
        program_.run(read({{"TOTE_FLAG_COUNT", "many"}}));
      },
      ThrowsError(ErrorKind::kUsage,
                  "TOTE_FLAG_COUNT: invalid argument \"many\" for \"--count\" flag"));
}

TEST_F(SettingsTest, WarnsOfVariablesThatNameNoFlag) {
  EXPECT_THAT(
      read({{"TOTE_FLAG_CONUT", "1"}, {"TOTE_FLAG_COUNT", "1"}, {"TOTE_REGISTRY", "x"}}).warnings(),
      ElementsAre("warning: the variable 'TOTE_FLAG_CONUT' names no flag: did you mean "
                  "'TOTE_FLAG_COUNT'?"));
}

TEST_F(SettingsTest, KnowsNoVariablesOfARegistryBesideACommand) {
  const Settings settings = read({{"TOTE_REGISTRY", "a"},
                                  {"TOTE_REGISTRY_URL", "a"},
                                  {"TOTE_REGISTRY_USER", "a"},
                                  {"TOTE_REGISTRY_PASSWORD", "a"},
                                  {"TOTE_REGISTRY_CA", "a"}});
  EXPECT_THAT(settings.of("do", {&program_.flags()}), IsEmpty());
  EXPECT_THAT(settings.warnings(), IsEmpty());
}

// ---- what stands above what ---------------------------------------------------------------------

TEST_F(SettingsTest, AsksTheCommandLineThenVariablesThenTheFile) {
  write("version: 1\nflags: {count: 1}\ncommands: {do: {count: 2}}\n");
  struct Row {
    Strings arguments;
    Environment environment;
    int count;
  };
  const std::pair<const std::string, std::string> home{"XDG_CONFIG_HOME", this->home()};
  for (const Row& row : {Row{{"--count=4"}, {home, {"TOTE_FLAG_COUNT", "3"}}, 4},
                         Row{{}, {home, {"TOTE_FLAG_COUNT", "3"}, {"IMGPKG_COUNT", "9"}}, 3},
                         Row{{}, {home, {"IMGPKG_COUNT", "9"}}, 5},  // whoever needs it reads it
                         Row{{}, {home}, 2}, Row{{}, {}, 5}}) {
    Program program;
    program.run(read(row.environment), row.arguments);
    EXPECT_EQ(program.count, row.count);
  }
  write("version: 1\nflags: {count: 1}\n");
  program_.run(read_file());
  EXPECT_EQ(program_.count, 1);
}

TEST_F(SettingsTest, CountsASwitchOfImgpkgsOnlyWhenItIsTrue) {
  write("version: 1\nflags: {tty: true}\n");
  for (const auto& [value, is_on] :
       std::map<std::string, bool>{{"", true}, {"1", true}, {"true", false}}) {
    Program program;
    program.run(read({{"XDG_CONFIG_HOME", home()}, {"IMGPKG_TTY", value}}));
    EXPECT_EQ(program.tty, is_on) << value;
  }
}

TEST_F(SettingsTest, NotesValuesAsIfTheyHadBeenTyped) {
  const ParsedArguments parsed = program_.run(read({{"TOTE_FLAG_COUNT", "3"}}), {"-i", "x"});
  EXPECT_THAT(parsed.values, ElementsAre(Pair("image", "x"), Pair("count", "3")));
  EXPECT_TRUE(parsed.has("count"));
}

TEST_F(SettingsTest, LeavesOutDefaultsThatDoNotGoWithWhatIsGiven) {
  write("version: 1\nflags: {repo: r, form: f, file: [x]}\n");
  struct Row {
    Strings arguments;
    std::string repo;
    std::string form;
    std::string file;
  };
  for (const Row& row : {Row{{}, "r", "f", "x"}, Row{{"--image=i"}, "", "", "x"},
                         Row{{"--repo=q"}, "q", "f", "x"}, Row{{"--plan"}, "r", "f", "default"}}) {
    Program program;
    program.run(read_file(), row.arguments);
    EXPECT_EQ(program.repo, row.repo);
    EXPECT_EQ(program.form, row.form);
    EXPECT_THAT(program.files, ElementsAre(row.file));
  }
  program_.run(read({{"XDG_CONFIG_HOME", home()}, {"TOTE_FLAG_IMAGE", "i"}}));
  EXPECT_EQ(program_.image, "i");
  EXPECT_EQ(program_.repo, "");
}

TEST_F(SettingsTest, KeepsOfHostsWhatNothingStandsAbove) {
  write("version: 1\nhosts: {A.example:5000: {insecure: 1}}\n");
  const Settings settings = read_file();
  EXPECT_EQ(settings.hosts_below({}, {}).at("a.example:5000").size(), 1U);
  ParsedArguments typed;
  typed.given = {"insecure"};
  EXPECT_THAT(settings.hosts_below(typed, {}).at("a.example:5000"), IsEmpty());
  const Flag* flag = program_.root.subcommands[1].flags.find(std::string_view("insecure"));
  EXPECT_THAT(
      settings.hosts_below({}, {{Setting::Rank::kVariable, flag, {"0"}, "X"}}).at("a.example:5000"),
      IsEmpty());
}

// ---- the file -----------------------------------------------------------------------------------

TEST_F(SettingsTest, TakesFileValuesOfEveryType) {
  write(R"(version: 1
flags:
  image: a,b
  file: [c, "d,e", 'f"g', ""]
  line: [h, "i,j"]
  tty: true
  count: 7
  with: [x, y]
  labels: {k: "1,2", l: "3=4,5"}
)");
  program_.run(read_file());
  EXPECT_EQ(program_.image, "a,b");
  EXPECT_THAT(program_.files, ElementsAre("c", "d,e", "f\"g", ""));
  EXPECT_THAT(program_.lines, ElementsAre("h", "i,j"));
  EXPECT_TRUE(program_.tty);
  EXPECT_EQ(program_.count, 7);
  EXPECT_THAT(program_.types, ElementsAre("x", "y"));
  EXPECT_THAT(program_.labels, ElementsAre(Pair("k", "1,2"), Pair("l", "3=4,5")));
}

TEST_F(SettingsTest, TakesOneValueForAListOfOne) {
  write("version: 1\nflags: {file: 'a,b', with: true}\n");
  program_.run(read_file());
  EXPECT_THAT(program_.files, ElementsAre("a,b"));
  EXPECT_TRUE(program_.with);
  EXPECT_THAT(program_.types, IsEmpty());
}

TEST_F(SettingsTest, FindsTheFileAsTheDesktopSays) {
  EXPECT_EQ(settings_path({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}), "/x/tote/config.yml");
  EXPECT_EQ(settings_path({{"XDG_CONFIG_HOME", "x"}, {"HOME", "/h"}}),
            "/h/.config/tote/config.yml");
  EXPECT_EQ(settings_path({{"HOME", "/h"}}), "/h/.config/tote/config.yml");
  EXPECT_EQ(settings_path({{"HOME", "h"}}), "");
  EXPECT_EQ(settings_path({}), "");
}

TEST_F(SettingsTest, RefusesAFileThatOthersCanChange) {
  write("version: 1\n");
  for (const fs::path& path : {file_, file_.parent_path()}) {
    ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
    EXPECT_THAT([&] { read_file(); },
                ThrowsError(ErrorKind::kIo, fmt::format("Reading '{}': others can change it: '{}' "
                                                        "has mode 0777",
                                                        file_.string(), path.string())));
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }
}

struct BadFile {
  const char* name;
  const char* text;
  const char* complaint;
};
class BadSettingsFile : public testing::TestWithParam<BadFile> {};

TEST_P(BadSettingsFile, IsRefusedWithItsLine) {
  EXPECT_THAT([] { parse(GetParam().text); },
              ThrowsError(ErrorKind::kParse, std::string("config.yml, ") + GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSettingsFile,
    testing::Values(
        BadFile{"Empty", "", "line 1: expected a mapping"},
        BadFile{"NoMapping", "- version: 1\n", "line 1: expected a mapping"},
        BadFile{"NoVersion", "flags: {}\n", "line 1: there is no 'version'"},
        BadFile{"LaterVersion", "version: 2\n",
                "line 1: version '2' is not known here, expected 1"},
        BadFile{"UnknownKey", "version: 1\nflag: {}\n", "line 2: unknown key 'flag'"},
        BadFile{"KeyTwice", "version: 1\nflags: {}\nflags: {}\n", "line 3: 'flags' is there twice"},
        BadFile{"UnknownFlag", "version: 1\nflags:\n  json: true\n  concurency: 3\n",
                "line 4: no command has a flag 'concurency'"},
        BadFile{"FlagTwice", "version: 1\nflags:\n  json: true\n  json: true\n",
                "line 4: 'json' is there twice"},
        BadFile{"UnknownCommand", "version: 1\ncommands:\n  tag lst: {}\n",
                "line 3: there is no command 'tag lst'"},
        BadFile{"CommandGroup", "version: 1\ncommands:\n  tag: {}\n",
                "line 3: there is no command 'tag'"},
        BadFile{"FlagOfAnotherCommand", "version: 1\ncommands:\n  tag list:\n    to-tar: x\n",
                "line 4: command 'tag list' has no flag 'to-tar'"},
        BadFile{"Help", "version: 1\nflags: {help: true}\n",
                "line 2: no command has a flag 'help'"},
        BadFile{"WrongNumber", "version: 1\ncommands: {copy: {registry-retry-count: many}}\n",
                "line 2: invalid argument for flag 'registry-retry-count'"},
        BadFile{"WrongSwitch", "version: 1\nflags: {json: yes}\n",
                "line 2: invalid argument for flag 'json'"},
        BadFile{"ListForOne", "version: 1\nflags: {registry-username: [a, b]}\n",
                "line 2: flag 'registry-username' expects one value"},
        BadFile{"MapForOne", "version: 1\nflags: {registry-username: {a: b}}\n",
                "line 2: flag 'registry-username' expects no mapping"},
        BadFile{"ListForMap", "version: 1\ncommands: {push: {labels: [a=b]}}\n",
                "line 2: flag 'labels' expects a mapping"},
        BadFile{"NestedList", "version: 1\nflags: {column: [[a]]}\n", "line 2: expected a text"},
        BadFile{"NoValue", "version: 1\nflags:\n  json:\n", "line 3: 'json' has no value"},
        BadFile{"Password", "version: 1\nflags:\n  registry-password: secret\n",
                "line 3: 'registry-password' is a password, or holds one"},
        BadFile{"Token", "version: 1\ncommands: {copy: {registry-token: secret}}\n",
                "line 2: 'registry-token' is a password, or holds one"},
        BadFile{"SecretHeader", "version: 1\nhosts: {h.example: {header: ['X-Api-Key: secret']}}\n",
                "line 2: 'header' is a password, or holds one"},
        BadFile{"PasswordInUrl",
                "version: 1\ncommands: {lock: {repo: 'https://me:secret@h.example/'}}\n",
                "line 2: 'repo' is a password, or holds one"},
        BadFile{"NoHost", "version: 1\nhosts: {'*.example': {}}\n",
                "line 2: '*.example' is no registry"},
        BadFile{"HostWithPath", "version: 1\nhosts: {h.example/a: {}}\n",
                "line 2: 'h.example/a' is no registry"},
        BadFile{"HostWithoutPort", "version: 1\nhosts: {'h.example:': {}}\n",
                "line 2: 'h.example:' is no registry"},
        BadFile{"HostWithTwoPorts", "version: 1\nhosts: {'a:1:2': {}}\n",
                "line 2: 'a:1:2' is no registry"},
        BadFile{"HostWithOpenBracket", "version: 1\nhosts: {'[::1': {}}\n",
                "line 2: '[::1' is no registry"},
        BadFile{"TwoDocuments", "version: 1\n---\nversion: 1\n", "line 3: expected one document"},
        BadFile{"HostTwice", "version: 1\nhosts: {h.example: {}, H.example: {}}\n",
                "line 2: 'h.example' is there twice"},
        BadFile{"FlagThatIsNotPerHost", "version: 1\nhosts: {h.example: {concurrency: 1}}\n",
                "line 2: a single registry can not have a flag 'concurrency'"},
        BadFile{"Merge", "version: 1\nflags: {<<: {json: true}}\n",
                "line 2: no command has a flag '<<'"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SettingsFileTest, TakesRegistriesOfEveryForm) {
  const auto hosts =
      parse(
          "version: 1\nhosts: {h: {}, H.example:5000: {}, '[::1]:5000': {}, '[::2]': "
          "{}, 10.0.0.1: {}}\n")
          .hosts;
  std::vector<std::string> names;
  for (const auto& [host, values] : hosts) names.push_back(host);
  EXPECT_THAT(names, ElementsAre("10.0.0.1", "[::1]:5000", "[::2]", "h", "h.example:5000"));
}

TEST(SettingsFileTest, DoesNotRepeatPasswords) {
  for (const char* text : {"version: 1\nflags: {registry-password: hunter2}\n",
                           "version: 1\ncommands: {lock: {repo: 'https://me:hunter2@h/'}}\n"}) {
    try {
      parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.message() + error.hint(), testing::Not(HasSubstr("hunter2")));
    }
  }
}

TEST_F(SettingsTest, ShowsNoPasswords) {
  const Flag& token = *program_.flags().find(std::string_view("token"));
  const Flag& image = *program_.flags().find(std::string_view("image"));
  EXPECT_EQ(shown_value(token, "x"), "<redacted>");
  EXPECT_EQ(shown_value(image, "https://u:p@h/"), "<redacted>");
  for (const char* plain : {"https://u@h/", "https://h:5000/a@b", "h/p@sha256:abc", "u:p@h"})
    EXPECT_EQ(shown_value(image, plain), plain);
}

// Of all commands: whatever they come to have, there is one variable for one name.
TEST(SettingsOfTheProgram, HaveAVariableForEachFlag) {
  std::map<std::string, std::string> flags;
  const std::function<void(const Command&)> visit = [&](const Command& command) {
    for (const Flag& flag : command.flags.flags()) {
      const auto [known, is_new] = flags.emplace(variable_of(flag.name), flag.name);
      EXPECT_EQ(known->second, flag.name);
      EXPECT_THAT(known->first, testing::MatchesRegex("TOTE_FLAG_[A-Z0-9_]+"));
    }
    for (const Command& sub : command.subcommands) visit(sub);
  };
  visit(root_command("tote"));
  EXPECT_EQ(variable_of("limit-rate"), "TOTE_FLAG_LIMIT_RATE");
}

// Whoever adds a flag with such a name has to say that it is one, or here that it is none.
TEST(SettingsOfTheProgram, KnowWhichFlagsArePasswords) {
  const std::function<void(const Command&)> visit = [&](const Command& command) {
    for (const Flag& flag : command.flags.flags()) {
      const bool looks_secret = flag.name.find("password") != std::string::npos ||
                                flag.name.ends_with("token") || flag.name.ends_with("secret");
      if (!looks_secret || flag.is_path || flag.is_boolean() || flag.name == "pull-secret")
        continue;
      EXPECT_TRUE(flag.is_secret && flag.is_secret("x")) << command.name << " --" << flag.name;
    }
    for (const Command& sub : command.subcommands) visit(sub);
  };
  visit(root_command("tote"));
}

}  // namespace
}  // namespace tote::cmd

#include "cmd/cli/completion.h"

#include "tests/support/run_program.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

Command small_root() {
  static bool flag = false;
  Command list;
  list.name = "list";
  list.aliases = {"ls"};
  list.flags.add_bool("digests", 0, flag, "It's the digests");
  Command tag;
  tag.name = "tag";
  tag.subcommands.push_back(list);
  Command script;
  script.name = "script";
  script.arguments = {{.name = "SHELL", .words = {"bash", "zsh"}}};
  script.run = [](CommandContext&) {};
  Command root;
  root.name = "tote";
  root.subcommands = {tag, script};
  return root;
}

struct Row {
  const char* words;
  const char* offered;
};

class BashCompletion : public testing::TestWithParam<Row> {};

TEST_P(BashCompletion, OffersWhatFits) {
  FlagSet global;
  static bool json = false;
  global.add_bool("json", 0, json, "Output as JSON");
  const std::string script = bash_completion(small_root(), global);
  const auto result = test::run(
      {"bash", "-c",
       script + "\nset -- " + GetParam().words +
           "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _tote; echo \"${COMPREPLY[*]}\""});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, std::string(GetParam().offered) + "\n");
}

INSTANTIATE_TEST_SUITE_P(All, BashCompletion,
                         testing::Values(Row{"tote t", "tag"}, Row{"tote tag ''", "list"},
                                         Row{"tote tag ls --", "--digests --json"},
                                         Row{"tote --json tag l", "list"},
                                         Row{"tote tag list --di", "--digests"},
                                         Row{"tote nope", ""}, Row{"tote script ''", "bash zsh"}));

TEST(ZshCompletion, CompletesInZsh) {
  const std::string script =
      "autoload -U compinit; compinit -u -D; " + zsh_completion(small_root(), {}) +
      "\nwords=(tote tag li); COMP_WORDS=($words); COMP_CWORD=2; emulate sh -c '_tote'; "
      "print -r -- $COMPREPLY";
  const auto result = test::run(
      {"sh", "-c", "command -v zsh >/dev/null || exit 77; exec zsh -f -c \"$1\"", "sh", script});
  if (result.exit_code == 77) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(result.out, "list\n") << result.err;
}

TEST(FishCompletion, QuotesForTheShell) {
  const std::string script = fish_completion(small_root(), {});
  EXPECT_NE(script.find("-d 'It'\"'\"'s the digests'"), std::string::npos) << script;
  EXPECT_NE(
      script.find("complete -c tote -n 'not __fish_seen_subcommand_from tag script' -f -a tag"),
      std::string::npos)
      << script;
}

TEST(FishCompletion, OffersWhatAnArgumentMayBe) {
  Command root = small_root();
  root.subcommands[1].arguments.push_back({.name = "DIR", .kind = ArgumentKind::kDirectory});
  const std::string script = fish_completion(root, {});
  const std::string to = "complete -c tote -n '__fish_seen_subcommand_from script' -f -a ";
  EXPECT_NE(script.find(to + "'bash zsh'\n"), std::string::npos) << script;
  EXPECT_NE(script.find(to + "'(__fish_complete_directories)'\n"), std::string::npos) << script;
}

}  // namespace
}  // namespace tote::cmd

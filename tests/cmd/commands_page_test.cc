// What docs/commands.md says is what the commands are.
#include "base/environment.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/cli/global_options.h"
#include "cmd/cli/reference_page.h"
#include "cmd/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace tote::cmd {
namespace {

// The end of the prose.
constexpr std::string_view kMark = "writes it. -->\n";

std::filesystem::path docs() {
  return std::filesystem::path(TOTE_TEST_DATA).parent_path().parent_path() / "docs";
}

std::string read(const std::filesystem::path& path) {
  return read_file(path, 1 << 20);
}

class CommandsPage : public testing::Test {
 protected:
  CommandsPage() { global_.add_to(global_flags_); }

  void for_each_command(const std::function<void(const Command&)>& visit) const {
    const std::function<void(const Command&)> descend = [&](const Command& command) {
      visit(command);
      for (const Command& sub : command.subcommands) descend(sub);
    };
    descend(root_);
  }

  Command root_ = root_command("tote");
  GlobalOptions global_;
  FlagSet global_flags_;
};

// hack/update_commands_page.sh runs this to write the page anew.
TEST_F(CommandsPage, SaysWhatTheCommandsAre) {
  const std::string page = read(docs() / "commands.md");
  const std::size_t mark = page.find(kMark);
  ASSERT_NE(mark, std::string::npos);
  const std::string right =
      page.substr(0, mark + kMark.size()) + "\n" + reference_page(root_, global_flags_);
  if (Environment::of_process().get("TOTE_UPDATE_DOCS") == "1")
    std::ofstream(docs() / "commands.md") << right;
  EXPECT_EQ(read(docs() / "commands.md"), right) << "run hack/update_commands_page.sh";
}

TEST_F(CommandsPage, LinksToWhatJsonGives) {
  const std::string page = read(docs() / "machine-output.md");
  for_each_command([&](const Command& command) {
    if (!command.json.empty()) {
      EXPECT_THAT(page, testing::HasSubstr("\n## " + command.json + "\n")) << command.name;
    }
  });
}

TEST_F(CommandsPage, IsOfFlagsThatSayOnlyWhatThereIs) {
  for_each_command([&](const Command& command) {
    std::set<std::string> names;
    std::set<char> letters;
    for (const FlagSet* set : {&command.flags, static_cast<const FlagSet*>(&global_flags_)})
      for (const Flag& flag : set->flags()) {
        // A chart has a version too.
        EXPECT_TRUE(names.insert(flag.name).second || flag.name == "version")
            << command.name << " --" << flag.name;
        EXPECT_TRUE(flag.shorthand == 0 || letters.insert(flag.shorthand).second) << flag.name;
        EXPECT_TRUE(flag.set && flag.is_on) << flag.name;
      }
    for (const FlagChoice& choice : command.flags.choices())
      for (const std::string& name : choice.names)
        EXPECT_NE(command.flags.find(name), nullptr) << command.name << " --" << name;
    for (const Flag& flag : command.flags.flags())
      for (const FlagRelation& relation : flag.relations)
        for (const std::string& other : relation.others)
          EXPECT_NE(command.flags.find(other), nullptr) << flag.name << " names --" << other;
  });
}

TEST_F(CommandsPage, IsOfArgumentsInAnOrderThatCanBeParsed) {
  for_each_command([&](const Command& command) {
    for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) {
      EXPECT_FALSE(command.arguments[i].repeats) << command.name;
      EXPECT_TRUE(!command.arguments[i].is_optional || command.arguments[i + 1].is_optional)
          << command.name;
    }
  });
}

}  // namespace
}  // namespace tote::cmd

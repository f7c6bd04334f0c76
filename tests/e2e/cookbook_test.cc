// What docs/cookbook.md says is done, from the first row to the last.
#include "base/text.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

namespace tote {
namespace {

using testing::HasSubstr;
using Strings = std::vector<std::string>;

constexpr std::string_view kBegin = " | `tote ";

std::vector<std::string> commands_of_page() {
  const std::filesystem::path page =
      std::filesystem::path(TOTE_TEST_DATA).parent_path().parent_path() / "docs/cookbook.md";
  std::vector<std::string> commands;
  for (const std::string& line : split(test::read_text(page), '\n')) {
    const std::size_t at = line.find(kBegin);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + kBegin.size();
    commands.push_back(line.substr(begin, line.rfind('`') - begin));
  }
  return commands;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

TEST(Cookbook, IsOfCommandsThatWorkAsTheyStand) {
  const test::TempDir dir;
  test::write_text(dir / "config/settings", "level: info\n");
  test::write_text(dir / "sbom.json", "{}");
  test::write_text(dir / "bundle/config.yml", "level: info\n");
  test::write_text(dir / "bundle/.imgpkg/images.yml",
                   "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n");
  const test::TestRegistry near;
  const test::TestRegistry far;
  const std::vector<std::string> commands = commands_of_page();
  EXPECT_GE(commands.size(), 40U);
  for (const std::string& command : commands) {
    SCOPED_TRACE(command);
    const std::string line = replaced(replaced(command, "registry.example", near.address()),
                                      "far.example", far.address());
    EXPECT_DONE(test::tote(split(line, ' '), {.directory = dir.path()}));
  }
}

// `tote --help` names the command or its group, and the help of that the rest.
TEST(Cookbook, IsOfCommandsThatHelpLeadsToInTwoSteps) {
  const std::string all = test::tote({"--help"}).out;
  std::set<std::string> words;
  for (const std::string& command : commands_of_page())
    words.insert(command.substr(0, command.find(' ')));
  for (const std::string& word : words) {
    EXPECT_THAT(all, HasSubstr("\n  " + word + " "));
    EXPECT_DONE(test::tote({word, "--help"}));
  }
}

}  // namespace
}  // namespace tote

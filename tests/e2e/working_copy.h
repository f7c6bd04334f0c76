// A registry with packages in it, and a directory for working copies of them.
#pragma once

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tote::test {

class WorkingCopyFixture : public testing::Test {
 public:
  using Files = std::map<std::string, std::string>;
  using Strings = std::vector<std::string>;

 protected:
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string name(const std::string& image) const { return registry_.address() + "/" + image; }
  std::string oci(const std::string& image) const { return "oci://" + name(image); }
  // In the directory of the test.
  ProgramResult here(const Strings& arguments, const std::string& directory = ".") const {
    return test::tote(arguments, {.directory = dir_ / directory});
  }
  void publish(const std::string& image, const Files& files) {
    std::filesystem::remove_all(dir_ / "made");
    for (const auto& [file, text] : files) write_text(dir_ / ("made/" + file), text);
    EXPECT_DONE(test::tote({"push", "-i", name(image), "-f", path("made")}));
  }
  void get(const std::string& image, const std::string& directory) {
    EXPECT_DONE(here({"get", oci(image), directory}));
  }
  std::string digest(const std::string& image) const {
    const auto result = test::tote({"tag", "resolve", "-i", name(image)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(result.out.find('@') + 1, 71);
  }
  std::string text(const std::string& file) const { return read_text(dir_ / file); }
  void write(const std::string& file, const std::string& content) const {
    write_text(dir_ / file, content);
  }
  // But for the record.
  Files files(const std::string& directory) const {
    Files all = read_tree(dir_ / directory);
    std::erase_if(all,
                  [](const auto& file) { return file.first.find(".imgpkg") != std::string::npos; });
    return all;
  }

  TempDir dir_;
  TestRegistry registry_;
};

}  // namespace tote::test

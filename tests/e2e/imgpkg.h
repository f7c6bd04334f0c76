// The program under its other name, against a registry, as imgpkg's users call it.
#pragma once

#include "oci/digest.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {

// What is expected is written as imgpkg prints it.
class Imgpkg : public testing::Test {
 protected:
  Imgpkg() { std::filesystem::create_symlink(test::program_path(), dir_ / "imgpkg"); }

  // In the test's own directory.
  test::ProgramResult imgpkg(std::vector<std::string> arguments,
                             std::map<std::string, std::string> environment = {}) {
    arguments.insert(arguments.begin(), (dir_ / "imgpkg").string());
    return test::run(arguments, {.directory = work(), .environment = std::move(environment)});
  }
  // With --tty: what a person sees.
  std::string shown(std::vector<std::string> arguments) {
    arguments.push_back("--tty");
    const auto result = imgpkg(std::move(arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  // What a failing command says, without the program's name.
  std::string complaint(std::vector<std::string> arguments,
                        std::map<std::string, std::string> environment = {}) {
    const auto result = imgpkg(std::move(arguments), std::move(environment));
    EXPECT_EQ(result.exit_code, 1) << result.out;
    const std::string prefix = "imgpkg: Error: ";
    EXPECT_TRUE(result.err.starts_with(prefix) && result.err.ends_with('\n')) << result.err;
    return result.err.substr(prefix.size(), result.err.size() - prefix.size() - 1);
  }

  std::filesystem::path work() {
    std::filesystem::create_directory(dir_ / "work");
    return dir_ / "work";
  }
  void write(const std::string& name, const std::string& text) {
    test::write_text(work() / name, text);
  }
  std::string read(const std::string& name) { return test::read_text(work() / name); }
  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string at(const std::string& path, const oci::Digest& digest) const {
    return at(path) + "@" + digest.str();
  }

  // The digest of an image's first layer.
  std::string layer_of(const std::string& repository, const oci::Digest& digest) {
    const auto stored = registry_.storage().find_manifest(repository, digest);
    const std::string bytes =
        read_all(*testregistry::open_content(stored->content), 1 << 20, "manifest");
    return oci::Manifest::parse(bytes, "")->layers().front().digest.str();
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

}  // namespace tote

// A directory that goes with its test.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tote::test {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Makes parents too.
void write_text(const std::filesystem::path& path, const std::string& text);
std::string read_text(const std::filesystem::path& path);
// Files below a directory by relative name, with their content; directories end in '/'.
std::map<std::string, std::string> read_tree(const std::filesystem::path& directory);
// A file of tests/data.
std::string read_data(const std::string& name);

}  // namespace tote::test

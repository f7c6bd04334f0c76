// The directory of a pull: replaced as a whole, and only when everything that goes into it is
// there and verified.
#pragma once

#include <filesystem>

namespace tote::bundle {

// Throws Error{kUsage} for a directory whose loss would be a disaster: the root, the working
// directory, the home directory, and everything above them, however they are spelled.
void check_may_replace(const std::filesystem::path& directory);

// Makes a directory beside the final one; commit() puts it in its place. Without commit() it is
// removed and what was there before stays.
class OutputDirectory {
 public:
  // Makes missing parents. Throws Error{kIo}.
  explicit OutputDirectory(const std::filesystem::path& final_path);
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;
  ~OutputDirectory();

  // Where to write meanwhile.
  const std::filesystem::path& path() const noexcept { return working_; }
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path working_;
};

}  // namespace tote::bundle

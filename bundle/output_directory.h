// The directory of a pull: replaced as a whole, and only when everything that goes into it is
// there and verified.
#pragma once

#include <filesystem>

namespace tote::bundle {

// Where an output directory really lies: links above it are followed, a link in its own place is
// not, since that is replaced. Throws Error{kUsage} for a directory whose loss would be a
// disaster: the root, the working directory, the home directory and everything above them, however
// they are spelled.
std::filesystem::path resolve_output(const std::filesystem::path& directory);

// Makes a directory beside the final one; commit() puts it in its place. Without commit() it is
// removed, with the parents that were made for it, and what was there before stays.
class OutputDirectory {
 public:
  // `final_path` comes from resolve_output(). Makes missing parents. Throws Error{kIo}.
  explicit OutputDirectory(std::filesystem::path final_path);
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;
  ~OutputDirectory();

  // Where to write meanwhile.
  const std::filesystem::path& path() const noexcept { return working_; }
  void commit();

 private:
  void make_parents();

  std::filesystem::path final_;
  std::filesystem::path working_;      // empty once it has become the final one
  std::filesystem::path made_parent_;  // the topmost; empty: none, or it is to stay
};

}  // namespace tote::bundle

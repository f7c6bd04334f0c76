// A second directory with the same files. Internal to working_copy/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tote::bundle::working_copy {

// Removes a directory with all that is in it, also where a directory in it may not be written;
// links are not followed. Error{kIo}.
void remove_tree(const std::filesystem::path& directory);

// Removed at the end, with what it holds by then.
class LinkedCopy {
 public:
  // `copy` is there, and empty.
  LinkedCopy(const std::filesystem::path& original, const std::filesystem::path& copy)
      : original_(original), copy_(copy) {}
  LinkedCopy(const LinkedCopy&) = delete;
  LinkedCopy& operator=(const LinkedCopy&) = delete;
  ~LinkedCopy();

  // Links every file of the original; directories are made anew, and may all be written until
  // restore_modes(). False: a file can not be linked, or is on another file system.
  bool make();
  // Of directories that are still there: those of the original.
  void restore_modes();
  // It is not removed.
  void keep() noexcept { is_kept_ = true; }

 private:
  bool link(const std::string& from, const std::string& to);
  bool make_directory(const std::string& from, const std::string& to);

  const std::filesystem::path original_;
  const std::filesystem::path copy_;
  dev_t device_ = 0;
  std::vector<std::pair<std::string, mode_t>> modes_;
  bool is_kept_ = false;
};

}  // namespace tote::bundle::working_copy

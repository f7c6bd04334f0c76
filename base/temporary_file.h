// Files that are written aside, and get their name when they are whole.
#pragma once

#include "base/file.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace tote {

// A new file under a passing name; goes when it is not given its own.
class TemporaryFile {
 public:
  // Its name is `prefix` and some more characters; errors call it `called`. The umask takes bits
  // from `mode`, as from that of any new file. Error{kIo}.
  TemporaryFile(const std::string& prefix, mode_t mode, std::string called);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  // Open for reading and writing.
  const FilePtr& file() const noexcept { return file_; }
  // Exactly, whatever the umask. Error{kIo}.
  void set_mode(mode_t mode) const;
  // Replaces what is there. Syncs nothing. Once. Error{kIo}.
  void rename_to(const std::filesystem::path& path);
  // It stays, under the name that is returned.
  std::string release() noexcept;

 private:
  std::string path_;  // empty: it has another name now
  FilePtr file_;
};

// In `directory`, open for reading and writing, without a name: goes with who has it open.
// Error{kIo}.
FilePtr open_unnamed_file(const std::filesystem::path& directory);

// Makes a directory of such a name, with the permissions that any new one has; empty, and errno, if
// it can not.
std::filesystem::path try_temporary_directory(const std::string& prefix);

// `path` holds `text` then, whole and synced, or is as it was. An existing file keeps its mode, a
// new one gets `mode`. What a symbolic link names is replaced, not the link; a name that is no
// regular file (/dev/stdout) is written straight. Error{kIo}.
void replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode = 0600);

}  // namespace tote

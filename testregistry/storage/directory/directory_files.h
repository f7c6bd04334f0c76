// Files of the directory storage: written aside and renamed, linked, removed, synced if asked to.
// Internal to testregistry/.
#pragma once

#include "base/file.h"

#include <string>
#include <string_view>

namespace tote::testregistry {

enum class Sync { kNo, kYes };
// kTooMany: the file has as many names as the file system allows.
enum class Linked { kYes, kAbsent, kTooMany };

// Thread-safe. Throws Error{kIo}.
class DirectoryFiles {
 public:
  DirectoryFiles(std::string root, Sync sync) : root_(std::move(root)), sync_(sync) {}

  const std::string& root() const noexcept { return root_; }

  // Makes `directory` and what is missing above it.
  void make_directories(const std::string& directory) const;
  // The file has the text and its name, or does not change.
  void write_record(const std::string& path, std::string_view text) const;
  // A file of that text under a name of its own in tmp/, synced.
  std::string write_aside(std::string_view text) const;
  // Gives `from` a second name. A `to` that exists stays, and that is a yes.
  Linked link(const std::string& from, const std::string& to) const;
  void rename(const std::string& from, const std::string& to) const;
  void sync(const File& file) const;

 private:
  void sync_parent(const std::string& path) const;

  std::string root_;
  Sync sync_;
};

}  // namespace tote::testregistry

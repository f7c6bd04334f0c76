#include "testregistry/storage/directory/directory_files.h"

#include "base/disk.h"
#include "base/error.h"
#include "base/temporary_file.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <unistd.h>

namespace tote::testregistry {
namespace {

// Garbage collection may take a directory away that was just made, since it was empty.
constexpr int kAttempts = 8;

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

void DirectoryFiles::sync(const File& file) const {
  if (sync_ == Sync::kYes) file.sync();
}

void DirectoryFiles::sync_parent(const std::string& path) const {
  if (sync_ == Sync::kYes) sync_directory(parent_of(path));
}

void DirectoryFiles::make_directories(const std::string& directory) const {
  if (::mkdir(directory.c_str(), 0755) == 0) return sync_parent(directory);
  if (errno == EEXIST) return;
  if (errno != ENOENT || directory.size() <= root_.size())
    throw io_error(fmt::format("create directory {}", directory));
  make_directories(parent_of(directory));
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST && errno != ENOENT)
    throw io_error(fmt::format("create directory {}", directory));
  sync_parent(directory);
}

std::string DirectoryFiles::write_aside(std::string_view text) const {
  const std::string prefix = root_ + "/tmp/";
  TemporaryFile file(prefix, 0644, prefix);
  file.file()->write(as_bytes(text));
  sync(*file.file());
  return file.release();
}

void DirectoryFiles::write_record(const std::string& path, std::string_view text) const {
  rename(write_aside(text), path);
}

Linked DirectoryFiles::link(const std::string& from, const std::string& to) const {
  for (int attempt = 0;; ++attempt) {
    if (disk_call(DiskStep::kLink, to, [&] { return ::link(from.c_str(), to.c_str()); }) == 0 ||
        errno == EEXIST)
      break;
    if (errno == EMLINK) return Linked::kTooMany;
    if (errno != ENOENT || attempt == kAttempts) throw io_error(fmt::format("link {}", to));
    if (!try_stat(from)) return Linked::kAbsent;
    make_directories(parent_of(to));
  }
  sync_parent(to);
  return Linked::kYes;
}

void DirectoryFiles::rename(const std::string& from, const std::string& to) const {
  const auto rename = [&] { return std::rename(from.c_str(), to.c_str()); };
  for (int attempt = 0; disk_call(DiskStep::kRename, to, rename) != 0; ++attempt) {
    if (errno != ENOENT || attempt == kAttempts) throw io_error(fmt::format("rename {}", to));
    make_directories(parent_of(to));
  }
  sync_parent(to);
}

}  // namespace tote::testregistry

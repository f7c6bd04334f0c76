// Files that are open: read and written at offsets, and named in errors.
#pragma once

#include "base/random_access.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <utility>

namespace tote {

class File;
using FilePtr = std::shared_ptr<const File>;

// A descriptor, and what the file was called when it was opened. Shared by all who use it:
// thread-safe, but for write(). Everything throws Error{kIo} that says what was done to which file.
class File final : public RandomWriter {
 public:
  // `fd` is owned and open.
  File(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  // With open(2)'s flags, to which O_CLOEXEC is added.
  static FilePtr open(const std::filesystem::path& path, int flags, mode_t mode = 0);
  // nullptr and errno instead of an error.
  static FilePtr try_open(const std::string& path, int flags, mode_t mode = 0);

  int fd() const noexcept { return fd_.get(); }
  const std::string& name() const noexcept override { return name_; }

  std::uint64_t size() const override;
  struct stat status() const;
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override;
  void write_at(ConstBytes data, std::uint64_t offset) const override;
  // Behind what was written last.
  void write(ConstBytes data) const;
  // It survives a power cut then; not its name: sync_directory().
  void sync() const;
  // Has the disk begin with what was written, without waiting for it; a later sync() has less to
  // do, and reports what fails.
  void begin_write_back() const noexcept;

 private:
  const UniqueFd fd_;
  const std::string name_;
};

FilePtr open_for_reading(const std::filesystem::path& path);
// Makes renames and new names in `directory` survive a power cut.
void sync_directory(const std::filesystem::path& directory);
// `to` is replaced. Error{kIo}.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
// The whole file, at most `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit);

}  // namespace tote

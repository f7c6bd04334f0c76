// Files by descriptor: reading at offsets, writing aside and renaming.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

namespace tote {

// Owns a file descriptor. Movable, not copyable.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

// All of these throw Error{kIo} whose message begins with what they did: "open P: ...".
UniqueFd open_for_reading(const std::filesystem::path& path);
std::uint64_t file_size(int fd);
// Reads until `out` is full or the file ends; returns how much it got.
std::size_t read_at(int fd, MutableBytes out, std::uint64_t offset);
void write_at(int fd, ConstBytes data, std::uint64_t offset);
void write_all(int fd, ConstBytes data);
void sync_file(int fd, std::string_view name);
// Makes renames and new names in `directory` survive a power cut.
void sync_directory(const std::filesystem::path& directory);
// Where a symbolic link leads in the end; `path` itself if it is none or leads nowhere.
std::filesystem::path follow_links(const std::filesystem::path& path);
// Absolute and without links, as far as it exists.
std::filesystem::path real_path(const std::filesystem::path& path);
// Whether writing `path` changes `directory`, or the file of that name.
bool is_same_or_below(const std::filesystem::path& path, const std::filesystem::path& directory);
// The whole file, at most `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit);

// `length` bytes of a file from `offset`; a file that ends early is Error{kIo}. Shares the
// descriptor and does not move its position, so several may read one file at once.
class FileSource final : public Source {
 public:
  FileSource(std::shared_ptr<const UniqueFd> file, std::uint64_t offset, std::uint64_t length)
      : file_(std::move(file)), offset_(offset), left_(length) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  std::shared_ptr<const UniqueFd> file_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

// A file that appears under its name whole or not at all: written beside it, synced, renamed.
// An existing file keeps its mode, a new one gets `mode`. What a symbolic link names is replaced,
// not the link; a name that is no regular file (/dev/stdout) is written straight.
class AtomicFile final : public FinishSink {
 public:
  explicit AtomicFile(const std::filesystem::path& path, mode_t mode = 0600);
  ~AtomicFile() override;
  void write(ConstBytes data) override;
  void finish() override;

 private:
  std::filesystem::path path_;
  std::string temporary_;  // empty: written straight
  UniqueFd file_;
};

}  // namespace tote

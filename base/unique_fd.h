// File descriptors that are owned: of files (file.h), pipes, sockets, events.
#pragma once

#include "base/stream.h"

#include <utility>

namespace tote {

// Movable, not copyable.
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

// To a pipe or a socket. Error{kIo} "write: ...".
void write_all(int fd, ConstBytes data);

}  // namespace tote

#include "base/unique_fd.h"

#include "base/error.h"

#include <cerrno>
#include <unistd.h>

namespace tote {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void UniqueFd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void write_all(int fd, ConstBytes data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw io_error("write");
    data = data.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace tote

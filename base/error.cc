#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tote {

Error& Error::with_hint(std::string hint) {
  hint_ = std::move(hint);
  return *this;
}

Error& Error::with_system_error(int number) noexcept {
  system_error_ = number;
  return *this;
}

bool Error::has_code(std::string_view code) const noexcept {
  return std::find(codes_.begin(), codes_.end(), code) != codes_.end();
}

Error& Error::with_codes(std::vector<std::string> codes) {
  codes_ = std::move(codes);
  return *this;
}

Error& Error::with_retry_after(std::optional<std::chrono::seconds> wait) noexcept {
  retry_after_ = wait;
  return *this;
}

Error& Error::add_context(std::string frame) {
  message_ = fmt::format("{}: {}", frame, message_);
  frames_.insert(frames_.begin(), std::move(frame));
  return *this;
}

Error io_error(std::string_view what) {
  const int number = errno;
  // std::generic_category: thread-safe, unlike strerror.
  std::string text = std::generic_category().message(number);
  if (!text.empty())
    text[0] = static_cast<char>(text[0] | 0x20);  // as Go and the shell's users see it
  return Error(ErrorKind::kIo, fmt::format("{}: {}", what, text)).with_system_error(number);
}

}  // namespace tote

#include "base/error.h"

#include <fmt/format.h>

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

void Error::add_context(std::string_view frame) {
  message_ = fmt::format("{}: {}", frame, message_);
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

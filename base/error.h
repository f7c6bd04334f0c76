// The one error type that crosses module boundaries.
//
// Thrown when an operation failed. Absence that a caller expects (no such tag, blob not there yet)
// is a return value, never an Error. Cancellation is not an Error either: see Cancelled.
#pragma once

#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

// What a caller may want to branch on. Add a value only when some catch site needs it.
enum class ErrorKind {
  kUsage,           // bad flag or argument
  kParse,           // malformed reference, digest, lock, manifest, archive
  kNotFound,        // a named thing does not exist and its absence is a failure here
  kUnauthorized,    // 401 after the authentication flow has run, or no usable credentials
  kForbidden,       // 403: whoever asks may not
  kDigestMismatch,  // content differs from its descriptor: never retried, never hidden
  kIo,              // local file system
  kTransport,       // no usable HTTP response: DNS, TLS, reset, time-out
  kRegistry,        // an HTTP response outside what the protocol step allows
  kInternal,        // a bug in tote
};

// Whether the same request may succeed if it is made again. kAtOnce: what was wrong with it is
// known and will be done otherwise.
enum class Retry { kNo, kYes, kAtOnce };

// A cause, behind the frames of what was being done when it struck.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string cause, Retry retry = Retry::kNo)
      : kind_(kind), retry_(retry), message_(cause), frames_{std::move(cause)} {}

  ErrorKind kind() const noexcept { return kind_; }
  Retry retry() const noexcept { return retry_; }
  // The outermost comes first, the cause last. Never empty.
  const std::vector<std::string>& frames() const noexcept { return frames_; }
  // The frames in one line, joined by ": ".
  const std::string& message() const noexcept { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }
  // kUnauthorized or kForbidden: who asks is not let in, which may also hide that nothing is there.
  bool is_denied() const noexcept {
    return kind_ == ErrorKind::kUnauthorized || kind_ == ErrorKind::kForbidden;
  }

  // Advice for the person at the terminal, printed by main on a line of its own; may be empty.
  const std::string& hint() const noexcept { return hint_; }
  Error& with_hint(std::string hint);

  // Of kIo: the disk, or what its owner may use of it, is full.
  bool is_out_of_space() const noexcept {
    return system_error_ == ENOSPC || system_error_ == EDQUOT;
  }
  Error& with_system_error(int number) noexcept;

  // The reasons that a registry gave, by their codes: "MANIFEST_UNKNOWN" (OCI distribution
  // specification 1.1, "Error Codes").
  bool has_code(std::string_view code) const noexcept;
  Error& with_codes(std::vector<std::string> codes);

  // For how long the far side asks to be left alone.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
  Error& with_retry_after(std::optional<std::chrono::seconds> wait) noexcept;

  // Puts a frame in front of the others: "Pushing blob 'sha256:...'".
  Error& add_context(std::string frame);
  // Called by whoever has tried often enough, so that nobody further out tries again.
  void give_up() noexcept { retry_ = Retry::kNo; }
  // The cause was removed meanwhile (a token was renewed).
  void try_again() noexcept { retry_ = Retry::kYes; }
  void try_at_once() noexcept { retry_ = Retry::kAtOnce; }

 private:
  ErrorKind kind_;
  Retry retry_;
  std::string message_;
  std::vector<std::string> frames_;
  std::vector<std::string> codes_;
  std::optional<std::chrono::seconds> retry_after_;
  std::string hint_;
  int system_error_ = 0;  // errno
};

// Deliberately not derived from Error, so that a retry loop or a best-effort cleanup which catches
// Error cannot swallow Ctrl-C or the failure of a sibling task.
class Cancelled final : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }

  // As of Error.
  const std::string& hint() const noexcept { return hint_; }
  void with_hint(std::string hint) { hint_ = std::move(hint); }

 private:
  std::string hint_;
};

// An Error of kind kIo whose message is "what: text of errno". Reads errno first.
[[nodiscard]] Error io_error(std::string_view what);

// Runs `body`; if it throws Error, adds `frame()` and rethrows the same object. The frame is a
// callable so that success does not pay for formatting; the rethrow is here so that nobody
// forgets it.
template <class Frame, class Body>
decltype(auto) while_doing(Frame&& frame, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (Error& error) {
    error.add_context(std::forward<Frame>(frame)());
    throw;
  }
}

}  // namespace tote

// Ctrl-C as a stop token.
#pragma once

#include <memory>
#include <stop_token>

namespace tote::cmd {

// While one exists, SIGINT and SIGTERM request a stop instead of ending the process; a second one
// ends it at once with exit code 130. Make it in main before any thread starts: it blocks the two
// signals in the calling thread, and threads inherit that. At most one at a time.
class InterruptScope {
 public:
  InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

  std::stop_token token() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote::cmd

// Calls something whenever the process gets a signal that is no reason to stop (SIGHUP).
#pragma once

#include <functional>
#include <memory>

namespace tote::cmd {

// While one exists, `call` runs on a thread of its own, once for one or several signals. At most
// one at a time in a process. Throws Error{kIo}.
class SignalWatch {
 public:
  SignalWatch(int signal, std::function<void()> call);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote::cmd

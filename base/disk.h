// Every step that may fail because of a disk goes through here, so that a test can make it fail.
#pragma once

#include <cerrno>
#include <functional>
#include <string_view>

namespace tote {

enum class DiskStep { kOpen, kRead, kWrite, kSync, kRename, kLink };

// For tests: while it lives, every step in the process is shown to it first. What it returns, if
// not 0, is the `errno` that the step fails with, without being done. Called by any thread, by
// several at once. REQUIRES: no other one lives
class DiskFaults {
 public:
  using Decide = std::function<int(DiskStep step, std::string_view name)>;

  explicit DiskFaults(Decide decide);
  DiskFaults(const DiskFaults&) = delete;
  DiskFaults& operator=(const DiskFaults&) = delete;
  ~DiskFaults();

  // What this step is to fail with; 0: nothing.
  static int at(DiskStep step, std::string_view name);

 private:
  const Decide decide_;
};

// Makes one call to the kernel, again if a signal has cut it short; -1 and `errno` if it failed.
template <class Call>
auto disk_call(DiskStep step, std::string_view name, Call call) -> decltype(call()) {
  if (const int fault = DiskFaults::at(step, name); fault != 0) {
    errno = fault;
    return -1;
  }
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

}  // namespace tote

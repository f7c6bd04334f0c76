#include "base/clock.h"

#include "base/error.h"
#include "base/mutex.h"

namespace tote {
namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }

  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override {
    Mutex mutex;
    Condition wake;
    Lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
    if (stop.stop_requested()) throw Cancelled();
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace tote

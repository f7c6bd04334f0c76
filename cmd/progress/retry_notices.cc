#include "cmd/progress/retry_notices.h"

#include "base/mutex.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace tote::cmd {
namespace {

using std::chrono::milliseconds;

class RetryNotices {
 public:
  RetryNotices(Ui& ui, Clock& clock) : ui_(ui), clock_(clock) {}

  void tell(milliseconds wait, const Error& failure) {
    if (failure.retry_after().has_value() && !is_new_pause(wait)) return;
    const double seconds = std::chrono::duration<double>(wait).count();
    ui_.progress(seconds < 1 ? fmt::format("retrying in {:.1f} s: {}", seconds, failure.message())
                             : fmt::format("retrying in {:.0f} s: {}", seconds, failure.message()),
                 EventLine("retry")
                     .member("milliseconds", wait.count())
                     .member("message", failure.message()));
  }

 private:
  // Requests that were under way together hear of one pause one after the other.
  bool is_new_pause(milliseconds wait) {
    const auto end = clock_.now() + wait;
    const Lock lock(mutex_);
    if (end <= pause_end_ + std::chrono::seconds(1)) return false;
    pause_end_ = end;
    return true;
  }

  Ui& ui_;
  Clock& clock_;
  Mutex mutex_;
  std::chrono::steady_clock::time_point pause_end_ TOTE_GUARDED_BY(mutex_){};
};

}  // namespace

RetryListener announce_retries(Ui& ui, Clock& clock) {
  return [notices = std::make_shared<RetryNotices>(ui, clock)](
             milliseconds wait, const Error& failure) { notices->tell(wait, failure); };
}

}  // namespace tote::cmd

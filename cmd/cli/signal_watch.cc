#include "cmd/cli/signal_watch.h"

#include "base/error.h"
#include "base/file.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace tote::cmd {
namespace {

// A signal handler can reach nothing else.
std::atomic<int> wake_fd = -1;

void wake(std::uint64_t count) {
  const int kept = errno;
  // A counter that is full has woken somebody already.
  if (::write(wake_fd, &count, sizeof count) != sizeof count) errno = 0;
  errno = kept;
}

void on_signal(int) {
  wake(1);
}

}  // namespace

struct SignalWatch::Impl {
  Impl(int number, std::function<void()> function) : signal(number), call(std::move(function)) {
    events = UniqueFd(::eventfd(0, EFD_CLOEXEC));
    if (!events) throw io_error("eventfd");
    wake_fd = events.get();
    thread = std::thread([this] { work(); });
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, &before);
  }
  ~Impl() {
    ::sigaction(signal, &before, nullptr);
    stopping = true;
    wake(1);
    thread.join();
    wake_fd = -1;
  }

  void work() {
    for (;;) {
      std::uint64_t count = 0;
      if (::read(events.get(), &count, sizeof count) != sizeof count) continue;  // EINTR
      if (stopping) return;
      call();
    }
  }

  int signal;
  std::function<void()> call;
  UniqueFd events;
  struct sigaction before {};
  std::atomic<bool> stopping = false;
  std::thread thread;
};

SignalWatch::SignalWatch(int signal, std::function<void()> call)
    : impl_(std::make_unique<Impl>(signal, std::move(call))) {}
SignalWatch::~SignalWatch() = default;

}  // namespace tote::cmd

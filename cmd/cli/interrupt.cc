#include "cmd/cli/interrupt.h"

#include "base/error.h"
#include "base/file.h"

#include <array>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

namespace tote::cmd {
namespace {

constexpr int kInterruptedExit = 130;

sigset_t interrupting_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

UniqueFd checked(int fd, const char* what) {
  if (fd < 0) throw io_error(what);
  return UniqueFd(fd);
}

}  // namespace

struct InterruptScope::Impl {
  Impl() : set(interrupting_signals()) {
    pthread_sigmask(SIG_BLOCK, &set, &before);
    signals = checked(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
    done = checked(eventfd(0, EFD_CLOEXEC), "eventfd");
    watcher = std::jthread([this] { watch(); });
  }

  ~Impl() {
    const std::uint64_t one = 1;
    if (::write(done.get(), &one, sizeof one) != sizeof one) _exit(kInterruptedExit);
    watcher.join();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void watch() {
    for (;;) {
      std::array<pollfd, 2> fds{pollfd{signals.get(), POLLIN, 0}, pollfd{done.get(), POLLIN, 0}};
      if (poll(fds.data(), fds.size(), -1) < 0) continue;  // EINTR
      if (fds[1].revents != 0) return;
      signalfd_siginfo info{};
      if (::read(signals.get(), &info, sizeof info) != sizeof info) continue;
      if (!stop.request_stop()) _exit(kInterruptedExit);  // the second one
    }
  }

  sigset_t set{};
  sigset_t before{};
  UniqueFd signals;
  UniqueFd done;
  std::stop_source stop;
  std::jthread watcher;
};

InterruptScope::InterruptScope() : impl_(std::make_unique<Impl>()) {}
InterruptScope::~InterruptScope() = default;
std::stop_token InterruptScope::token() const {
  return impl_->stop.get_token();
}

}  // namespace tote::cmd

#include "base/log.h"

#include "base/json_writer.h"
#include "base/printable.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace tote {
namespace {

constexpr std::size_t kAtOnce = 4096;  // a pipe that can take anything can take so much (PIPE_BUF)
constexpr int kLookEvery = 50;         // milliseconds
constexpr std::chrono::seconds kLastLines{1};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

// On one line, whatever it holds.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : printable(text))
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  return out;
}

// Signals are for other threads, and a reader that has gone is no reason to end.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Never waits in write(): whoever wants the program to end would wait too.
class FdSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FdSink(int fd) : fd_(fd) {}

  // From now on lines that can not be written within kLastLines are given up.
  void close() { is_closing_ = true; }
  std::uint64_t given_up() const { return given_up_; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string line =
        fmt::format("{}\n", std::string_view(message.payload.data(), message.payload.size()));
    for (std::size_t done = 0; done < line.size();) {
      if (!wait_until_writable()) {
        ++given_up_;
        return;
      }
      const ssize_t n = ::write(fd_, line.data() + done, std::min(kAtOnce, line.size() - done));
      if (n < 0 && errno != EINTR && errno != EAGAIN) {
        ++given_up_;
        return;
      }
      done += static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    }
  }
  void flush_() override {}

 private:
  bool wait_until_writable() {
    for (;;) {
      if (is_closing_ && !deadline_) deadline_ = std::chrono::steady_clock::now() + kLastLines;
      const bool is_late = deadline_ && std::chrono::steady_clock::now() >= *deadline_;
      pollfd one{fd_, POLLOUT, 0};
      if (::poll(&one, 1, is_late ? 0 : kLookEvery) > 0) return true;
      if (is_late) return false;
    }
  }

  const int fd_;
  std::atomic<bool> is_closing_ = false;
  std::atomic<std::uint64_t> given_up_ = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // of the log's thread
};

}  // namespace

class Log::Impl {
 public:
  explicit Impl(const LogOptions& options)
      : options_(options),
        sink_(std::make_shared<FdSink>(options.fd)),
        pool_(std::make_shared<spdlog::details::thread_pool>(options.queue, 1, block_signals)),
        logger_(std::make_shared<spdlog::async_logger>(
            "tote", sink_, pool_,
            options.when_full == WhenFull::kDrop ? spdlog::async_overflow_policy::overrun_oldest
                                                 : spdlog::async_overflow_policy::block)) {}
  ~Impl() {
    sink_->close();
    pool_.reset();  // joins its thread, which is not to be the last that has the logger
  }

  void write(LogLevel level, std::string_view text) {
    if (level < options_.least) return;
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const std::string time = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
    if (options_.format == LogFormat::kText)
      return line(fmt::format("{} {} {}", time, name_of(level), one_line(text)));
    line(JsonWriter({.escape = JsonEscape::kMinimal})
             .begin_object()
             .member("time", time)
             .member("level", name_of(level))
             .member("message", text)
             .end_object()
             .take());
  }

  void line(std::string_view text) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }

  std::uint64_t dropped() const { return pool_->overrun_counter() + sink_->given_up(); }

 private:
  const LogOptions options_;
  std::shared_ptr<FdSink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

Log::Log(LogOptions options) : impl_(std::make_unique<Impl>(options)) {}
Log::~Log() = default;

void Log::line(std::string_view text) {
  impl_->line(text);
}

std::uint64_t Log::dropped() const {
  return impl_->dropped();
}

void Log::write(LogLevel level, std::string_view text) {
  impl_->write(level, text);
}

}  // namespace tote

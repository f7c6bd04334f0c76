// Lines for whoever looks after a program that runs for long: what it did, and what went wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tote {

enum class LogLevel { kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// What happens to a line when those before it can not be written as fast as they come: a pipe whose
// other end nobody reads, a terminal that was stopped.
enum class WhenFull {
  kDrop,  // it is lost, and counted: a server is not to wait for whoever reads its log
  kWait,
};

struct LogOptions {
  int fd = 2;
  LogFormat format = LogFormat::kText;
  LogLevel least = LogLevel::kInfo;  // what is below is not written
  WhenFull when_full = WhenFull::kDrop;
  std::size_t queue = 8192;  // lines
};

// Thread-safe. Lines are written by a thread of the log's own, in their order.
class Log {
 public:
  explicit Log(LogOptions options);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();  // writes what waits, as long as it can be written

  // "2026-11-27T03:04:05Z warning TEXT", or the same as a JSON object with "time", "level" and
  // "message". Line breaks and other control characters are made visible.
  void info(std::string_view text) { write(LogLevel::kInfo, text); }
  void warning(std::string_view text) { write(LogLevel::kWarning, text); }
  void error(std::string_view text) { write(LogLevel::kError, text); }

  // A line as it stands; it has no line break.
  void line(std::string_view text);

  // Lines that were lost so far.
  std::uint64_t dropped() const;

 private:
  void write(LogLevel level, std::string_view text);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote

// What is shown of work while it goes on: from events and the passing of time to lines.
#pragma once

#include "base/mutex.h"
#include "cmd/cli/messages.h"
#include "cmd/cli/terminal_size.h"
#include "cmd/progress/progress_flags.h"
#include "cmd/progress/tally.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace tote::cmd {

struct ProgressWords {
  std::string doing;  // "copying 'a' to 'b'"
  // "copied"; empty: the result says it all, and nothing is said of what does not take long.
  std::string done;
};

// Thread-safe. Every call says what time it is.
class Display {
 public:
  using Time = Tally::Time;

  struct Options {
    ProgressStyle style;
    ProgressWords words;
    std::string program;
    // As CommandContext::err_terminal.
    std::function<std::optional<TerminalSize>()> terminal;
  };

  // `messages` must outlive it.
  Display(Messages& messages, Options options, Time now);

  void add(const bundle::Event& event, Time now);
  // To be called every `interval()`: shows how far it is.
  void tick(Time now);
  std::chrono::milliseconds interval() const;
  // It is over: nothing is drawn any more.
  void stop();
  // It went well: the summary.
  void sum_up(Time now);

 private:
  void say(const std::string& line);
  void begin() TOTE_REQUIRES(mutex_);
  void say_doing() TOTE_REQUIRES(mutex_);
  bool is_summed_up() const { return !options_.words.done.empty(); }
  void say_resumed(const copy::BlobBegun& event);
  void say_reused(std::size_t layers);
  void say_to_people(const std::string& line);

  Messages& messages_;
  const Options options_;
  Mutex mutex_;
  Tally tally_ TOTE_GUARDED_BY(mutex_);
  bool has_said_doing_ TOTE_GUARDED_BY(mutex_) = false;
  bool has_begun_ TOTE_GUARDED_BY(mutex_) = false;
  bool has_said_work_ TOTE_GUARDED_BY(mutex_) = false;
};

}  // namespace tote::cmd

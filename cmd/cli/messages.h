// What the program says on stderr: lines for people, or JSON Lines for programs; and on a terminal
// a few lines below them that are drawn anew while work goes on.
#pragma once

#include "base/json_writer.h"
#include "base/mutex.h"

#include <cstddef>
#include <fstream>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::cmd {

// One line of --progress json, an object: {"event":NAME,"time":"2026-11-27T03:04:05.678Z",...}
// (docs/machine-output.md).
class EventLine {
 public:
  explicit EventLine(std::string_view name);

  template <class Value>
  EventLine&& member(std::string_view name, const Value& value) && {
    json_.member(name, value);
    return std::move(*this);
  }
  template <class Value>
  EventLine& member(std::string_view name, const Value& value) & {
    json_.member(name, value);
    return *this;
  }
  // With its line break. Call once.
  std::string take();

 private:
  JsonWriter json_;
};

// Thread-safe.
class Messages {
 public:
  explicit Messages(std::ostream& err) : err_(err) {}

  // From now on every line on stderr is an event.
  void become_json();
  // Events go into this file too, whatever stderr gets. It is replaced. Error{kIo}.
  void copy_events_to(const std::string& path);
  // Whether anybody reads events.
  bool has_event_readers() const;

  // Text with its line breaks, which stands above what is drawn, and the event that says the same.
  void say(std::string_view text, EventLine event);
  // What programs are told in another way, and what people are.
  void say(std::string_view text);
  void tell(EventLine event);
  // In the place of what was drawn before, on a terminal that has so many columns now; ASCII, and
  // no line may be as wide as that. None: nothing is drawn any more.
  // REQUIRES: stderr is a terminal that moves its cursor
  void draw(std::vector<std::string> lines, std::size_t columns);

 private:
  void write_text(std::string_view text) TOTE_REQUIRES(mutex_);
  void write_event(const std::string& line) TOTE_REQUIRES(mutex_);
  void erase() TOTE_REQUIRES(mutex_);
  void redraw() TOTE_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::ostream& err_;
  std::ofstream events_ TOTE_GUARDED_BY(mutex_);
  bool is_json_ TOTE_GUARDED_BY(mutex_) = false;
  std::vector<std::string> drawn_ TOTE_GUARDED_BY(mutex_);
  std::size_t columns_ TOTE_GUARDED_BY(mutex_) = 80;
};

}  // namespace tote::cmd

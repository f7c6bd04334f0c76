#include "cmd/cli/messages.h"

#include "base/error.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <ostream>
#include <utility>

namespace tote::cmd {
namespace {

std::string now_as_text() {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(system_clock::to_time_t(now)),
                     now.time_since_epoch().count() % 1000);
}

}  // namespace

EventLine::EventLine(std::string_view name) {
  json_.begin_object().member("event", name).member("time", now_as_text());
}

std::string EventLine::take() {
  return json_.end_object().take() + "\n";
}

void Messages::become_json() {
  const Lock lock(mutex_);
  is_json_ = true;
}

void Messages::copy_events_to(const std::string& path) {
  const Lock lock(mutex_);
  errno = 0;
  events_.open(path, std::ios::trunc);
  if (!events_) throw io_error(fmt::format("open '{}' for progress", path));
}

bool Messages::has_event_readers() const {
  const Lock lock(mutex_);
  return is_json_ || events_.is_open();
}

void Messages::say(std::string_view text, EventLine event) {
  const std::string line = event.take();
  const Lock lock(mutex_);
  write_event(line);
  write_text(text);
}

void Messages::say(std::string_view text) {
  const Lock lock(mutex_);
  write_text(text);
}

void Messages::tell(EventLine event) {
  const std::string line = event.take();
  const Lock lock(mutex_);
  write_event(line);
}

void Messages::write_text(std::string_view text) {
  if (is_json_) return;
  erase();
  err_ << text;
  redraw();
}

void Messages::write_event(const std::string& line) {
  if (is_json_) err_ << line << std::flush;
  if (events_.is_open()) events_ << line << std::flush;
}

void Messages::draw(std::vector<std::string> lines, std::size_t columns) {
  const Lock lock(mutex_);
  columns_ = columns;
  erase();
  drawn_ = std::move(lines);
  redraw();
}

// The cursor stands below the last line; "up N" and "erase what follows" are of every terminal that
// moves its cursor (ECMA-48, CUU and ED). A terminal that has become narrower has broken the lines.
void Messages::erase() {
  std::size_t rows = 0;
  for (const std::string& line : drawn_)
    rows += 1 + (line.empty() ? 0 : line.size() - 1) / columns_;
  if (rows > 0) err_ << fmt::format("\x1b[{}A\x1b[J", rows);
}

void Messages::redraw() {
  for (const std::string& line : drawn_) err_ << line << '\n';
  err_ << std::flush;
}

}  // namespace tote::cmd

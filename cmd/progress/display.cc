#include "cmd/progress/display.h"

#include "cmd/progress/bars.h"
#include "cmd/progress/json_lines.h"
#include "cmd/progress/plain_lines.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

#include <utility>

namespace tote::cmd {

using namespace std::chrono_literals;

Display::Display(Messages& messages, Options options, Time now)
    : messages_(messages), options_(std::move(options)), tally_(now) {}

// Only now is it sure that there is work: what is wrong with how it was asked for is said alone.
void Display::begin() {
  if (std::exchange(has_begun_, true)) return;
  messages_.tell(EventLine("begin").member("what", options_.words.doing));
  if (is_summed_up()) say_doing();
}

void Display::say_doing() {
  if (options_.style == ProgressStyle::kPlain && !std::exchange(has_said_doing_, true))
    say(options_.words.doing);
}

void Display::say(const std::string& line) {
  messages_.say(fmt::format("{}: {}\n", options_.program, line));
}

void Display::add(const bundle::Event& event, Time now) {
  const Lock lock(mutex_);
  begin();
  const auto* begun = std::get_if<copy::BlobBegun>(&event);
  if (begun != nullptr && begun->offset > 0 && !tally_.is_on_its_way(begun->blob))
    say_resumed(*begun);
  if (const auto* reused = std::get_if<bundle::LayersReused>(&event)) say_reused(reused->layers);
  tally_.add(event, now);
  if (messages_.has_event_readers())
    if (auto line = event_line(event)) messages_.tell(std::move(*line));
  if (options_.style == ProgressStyle::kPlain && std::holds_alternative<copy::WorkFound>(event) &&
      !std::exchange(has_said_work_, true))
    say(work_line(tally_));
}

// What an earlier run has left. After a failure of this one the retry has been told.
void Display::say_resumed(const copy::BlobBegun& event) {
  say_to_people(fmt::format("going on with {} behind {} of {}", event.blob.blob.digest.str(),
                            bytes_text(event.offset), bytes_text(event.blob.blob.size)));
}

void Display::say_reused(std::size_t layers) {
  if (layers > 0)
    say_to_people(fmt::format("{} {} there from an earlier run", layers,
                              layers == 1 ? "layer is" : "layers are"));
}

void Display::say_to_people(const std::string& line) {
  if (options_.style == ProgressStyle::kPlain || options_.style == ProgressStyle::kBar) say(line);
}

void Display::tick(Time now) {
  const Lock lock(mutex_);
  begin();
  if (messages_.has_event_readers()) messages_.tell(state_event(tally_, now));
  say_doing();
  if (options_.style == ProgressStyle::kPlain) say(state_line(tally_, now));
  if (options_.style != ProgressStyle::kBar) return;
  const TerminalSize size = options_.terminal().value_or(TerminalSize{});
  messages_.draw(bars(tally_, now, size), size.columns);
}

std::chrono::milliseconds Display::interval() const {
  switch (options_.style) {
    case ProgressStyle::kBar:
      return 100ms;
    case ProgressStyle::kPlain:
      return 5s;
    default:
      return 1s;
  }
}

void Display::stop() {
  if (options_.style == ProgressStyle::kBar) messages_.draw({}, TerminalSize{}.columns);
}

void Display::sum_up(Time now) {
  const Lock lock(mutex_);
  begin();
  messages_.tell(summary_event(tally_, now));
  if (options_.style != ProgressStyle::kNone && is_summed_up())
    say(summary_line(options_.words.done, tally_, now));
}

}  // namespace tote::cmd

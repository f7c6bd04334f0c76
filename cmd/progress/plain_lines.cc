#include "cmd/progress/plain_lines.h"

#include "cmd/progress/quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tote::cmd {
namespace {

std::string number_of(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string images_of(const Tally& tally) {
  return tally.images() == 0 ? "" : number_of(tally.images(), "image");
}

std::string average_rate(std::uint64_t bytes, std::chrono::duration<double> time) {
  return time.count() < 0.001
             ? ""
             : fmt::format(" ({})", rate_text(static_cast<double>(bytes) / time.count()));
}

}  // namespace

int percent(std::uint64_t part, std::uint64_t whole) {
  if (part >= whole) return 100;
  return static_cast<int>(static_cast<double>(part) / static_cast<double>(whole) * 100);
}

std::string work_line(const Tally& tally) {
  const BlobCount to_send = tally.to_send();
  std::string text = images_of(tally);
  if (!text.empty()) text += ": ";
  text += to_send.blobs == 0 ? "nothing to move"
                             : fmt::format("{} in {} to move", bytes_text(to_send.bytes),
                                           number_of(to_send.blobs, "blob"));
  if (tally.there().blobs > 0)
    text += fmt::format(", {} already there", bytes_text(tally.there().bytes));
  return text;
}

std::string state_line(const Tally& tally, Tally::Time now) {
  const BlobCount total = tally.to_send();
  if (const auto& count = tally.count(); count && total.blobs == 0)
    return fmt::format("{} of {} {}", count->done, count->total, count->what);
  if (total.blobs == 0) return tally.phase();
  const BlobCount sent = tally.sent();
  if (sent.blobs == total.blobs)
    return fmt::format("{} moved; {}", bytes_text(total.bytes), tally.phase());
  std::string text = fmt::format("{} of {}, {} of {} ({} %)", sent.blobs,
                                 number_of(total.blobs, "blob"), bytes_text(sent.bytes),
                                 bytes_text(total.bytes), percent(sent.bytes, total.bytes));
  if (const double rate = tally.bytes_per_second(now); rate >= 1)
    text += fmt::format(", {}", rate_text(rate));
  if (const auto left = tally.time_left(now)) text += fmt::format(", {} left", time_text(*left));
  return text;
}

std::string summary_line(std::string_view done, const Tally& tally, Tally::Time now) {
  const auto time = tally.elapsed(now);
  std::string text(done);
  if (tally.images() > 0) text += " " + images_of(tally);
  text += fmt::format(" in {:.1f} s: {} moved{}", time.count(), bytes_text(tally.moved()),
                      tally.moved() > 0 ? average_rate(tally.moved(), time) : "");
  if (tally.mounted().blobs > 0)
    text += fmt::format(", {} mounted", bytes_text(tally.mounted().bytes));
  if (tally.there().blobs > 0)
    text += fmt::format(", {} already there", bytes_text(tally.there().bytes));
  return text;
}

}  // namespace tote::cmd

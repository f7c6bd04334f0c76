#include "cmd/progress/quantities.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tote::cmd {

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  constexpr double kStep = 1024;
  if (bytes < static_cast<std::uint64_t>(kStep)) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  // 1023.96 would be shown as 1024.0.
  for (; size >= kStep - 0.05; size /= kStep) ++unit;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string rate_text(double bytes_per_second) {
  return bytes_text(static_cast<std::uint64_t>(bytes_per_second)) + "/s";
}

std::string time_text(std::chrono::seconds time) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const auto whole_hours = std::chrono::duration_cast<hours>(time);
  const auto whole_minutes = std::chrono::duration_cast<minutes>(time - whole_hours);
  const auto seconds = time - whole_hours - whole_minutes;
  if (whole_hours.count() > 0)
    return fmt::format("{} h {} min", whole_hours.count(), whole_minutes.count());
  if (whole_minutes.count() > 0)
    return fmt::format("{} min {} s", whole_minutes.count(), seconds.count());
  return fmt::format("{} s", seconds.count());
}

}  // namespace tote::cmd

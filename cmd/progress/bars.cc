#include "cmd/progress/bars.h"

#include "cmd/progress/plain_lines.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

constexpr std::size_t kMostBlobs = 12;
constexpr std::size_t kShownOfDigest = 12;
constexpr std::size_t kLeastBar = 4;
constexpr std::size_t kMostBar = 40;

std::string bar(std::uint64_t position, std::uint64_t size, std::size_t width) {
  const double part = size == 0 ? 1 : static_cast<double>(position) / static_cast<double>(size);
  const auto filled = std::min(static_cast<std::size_t>(part * static_cast<double>(width)), width);
  std::string out(filled, '=');
  if (filled < width) out += '>';
  out.resize(width, ' ');
  return out;
}

std::string blob_line(const ActiveBlob& blob, std::size_t columns) {
  const std::string name = fmt::format("{}:{}", blob.digest.algorithm_name(),
                                       blob.digest.hex().substr(0, kShownOfDigest));
  const std::string how_far = fmt::format("{:>3} %  {} of {}", percent(blob.position, blob.size),
                                          bytes_text(blob.position), bytes_text(blob.size));
  const std::size_t others = name.size() + how_far.size() + 8;
  if (columns < others + kLeastBar) return fmt::format("  {}  {}", name, how_far);
  const std::size_t width = std::min(columns - others, kMostBar);
  return fmt::format("  {}  [{}]  {}", name, bar(blob.position, blob.size, width), how_far);
}

}  // namespace

std::vector<std::string> bars(const Tally& tally, Tally::Time now, TerminalSize terminal) {
  const std::size_t columns = std::max<std::size_t>(terminal.columns, 2) - 1;
  const std::size_t rows = std::max<std::size_t>(terminal.rows, 4) - 3;
  const std::vector<ActiveBlob> active = tally.active();
  const std::size_t shown = std::min({active.size(), rows, kMostBlobs});
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(blob_line(active[i], columns));
  lines.push_back(state_line(tally, now));
  for (std::string& line : lines) line = line.substr(0, columns);
  return lines;
}

}  // namespace tote::cmd

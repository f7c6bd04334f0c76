#include "cmd/error_text.h"

namespace tote::cmd {
namespace {

constexpr std::string_view kOpening = "[({";
constexpr std::string_view kClosing = "])}";

}  // namespace

std::string break_error_lines(std::string_view message) {
  const std::size_t line_end = message.find('\n');
  const std::string_view line = message.substr(0, line_end);
  const std::string_view rest =
      line_end == std::string_view::npos ? std::string_view() : message.substr(line_end);
  std::string out;
  std::string open;  // what will close the groups that are open, innermost last
  std::size_t indent = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (const std::size_t kind = kOpening.find(c); kind != std::string_view::npos) {
      open += kClosing[kind];
      out += c;
    } else if (kClosing.find(c) != std::string_view::npos) {
      if (open.empty()) break;
      out += open.back();
      open.pop_back();
    } else if (open.empty() && c == ':' && i + 2 < line.size() && line[i + 1] == ' ' &&
               line[i + 2] >= 'A' && line[i + 2] <= 'Z') {
      indent += 2;
      out += ":\n" + std::string(indent, ' ');
      ++i;  // the blank
    } else {
      out += c;
    }
  }
  return out.append(rest);
}

}  // namespace tote::cmd

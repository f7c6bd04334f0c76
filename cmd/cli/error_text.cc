#include "cmd/cli/error_text.h"

namespace tote::cmd {
namespace {

bool begins_with_capital(const std::string& frame) {
  return !frame.empty() && frame[0] >= 'A' && frame[0] <= 'Z';
}

constexpr std::string_view kOpening = "[({";
constexpr std::string_view kClosing = "])}";

}  // namespace

std::string error_lines(const std::vector<std::string>& frames) {
  std::string out;
  std::size_t indent = 0;
  for (const std::string& frame : frames) {
    if (!out.empty() && begins_with_capital(frame))
      out += ":\n" + std::string(indent += 2, ' ');
    else if (!out.empty())
      out += ": ";
    out += frame;
  }
  return out;
}

std::string imgpkg_error_lines(std::string_view message) {
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

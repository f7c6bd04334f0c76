#include "cmd/cli/error_text.h"

namespace tote::cmd {
namespace {

bool begins_with_capital(const std::string& frame) {
  return !frame.empty() && frame[0] >= 'A' && frame[0] <= 'Z';
}

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

}  // namespace tote::cmd

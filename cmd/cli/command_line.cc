#include "cmd/cli/command_line.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tote::cmd {
namespace {

constexpr std::array<std::string_view, 3> kSecret = {"--registry-password", "--registry-token",
                                                     "--header"};

bool is_plain(char c) {
  constexpr std::string_view kPlain = "-_./:@=,+%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kPlain.find(c) != std::string_view::npos;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  bool is_secret = false;
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    const bool names_secret = std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end();
    if (!line.empty()) line += ' ';
    if (is_secret)
      line += "...";
    else
      line += names_secret && name != word ? name + "=..." : quoted(word);
    is_secret = names_secret && name == word;
  }
  return line;
}

}  // namespace tote::cmd

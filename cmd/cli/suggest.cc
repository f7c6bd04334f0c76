#include "cmd/cli/suggest.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::cmd {
namespace {

constexpr std::size_t kMostSuggestions = 3;
constexpr std::size_t kMostWrong = 2;
// What people type is short; what is not, is not compared.
constexpr std::size_t kLongest = 64;

// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

// 0 is the closest; kMostWrong + 1 is part of the name, and what is above is something else.
std::size_t rank(const std::string& typed, const std::string& name) {
  // Most letters of a short word have to be right.
  const std::size_t allowed = typed.size() < 5 ? 1 : kMostWrong;
  if (const std::size_t wrong = distance(typed, name); wrong <= allowed) return wrong;
  const bool is_part = name.starts_with(typed) || name.ends_with("-" + typed);
  return is_part ? kMostWrong + 1 : kMostWrong + 2;
}

}  // namespace

std::vector<std::string> similar(std::string_view typed, const std::vector<std::string>& names) {
  if (typed.size() < 2 || typed.size() > kLongest) return {};
  const std::string word = to_lower(typed);
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const std::string& name : names)
    if (const std::size_t how_close = rank(word, to_lower(name)); how_close <= kMostWrong + 1)
      found.emplace_back(how_close, name);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> out;
  for (auto& [how_close, name] : found)
    if (out.size() < kMostSuggestions) out.push_back(std::move(name));
  return out;
}

std::string did_you_mean(const std::vector<std::string>& names, std::string_view prefix) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i)
    list += fmt::format("{}'{}{}'",
                        i == 0                  ? ""
                        : i + 1 == names.size() ? " or "
                                                : ", ",
                        prefix, names[i]);
  return list.empty() ? "" : fmt::format("did you mean {}?", list);
}

}  // namespace tote::cmd

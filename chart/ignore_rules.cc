#include "chart/ignore_rules.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"
#include "chart/path_pattern.h"

#include <fmt/format.h>

namespace tote::chart {

IgnoreRules::IgnoreRules() {
  add("templates/.?*", "");
}

IgnoreRules IgnoreRules::parse(std::string_view text, std::string_view origin) {
  IgnoreRules rules;
  rules.rules_.clear();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n'))
    rules.add(trim(line), fmt::format("{}, line {}", origin, ++number));
  rules.add("templates/.?*", "");
  return rules;
}

void IgnoreRules::add(std::string_view line, std::string_view where) {
  if (line.empty() || line.starts_with('#')) return;
  if (line.find("**") != std::string_view::npos)
    throw Error(ErrorKind::kParse, fmt::format("{}: '**' is not supported", where))
        .with_hint("Helm does not know it either");
  Rule rule;
  if (line.starts_with('!')) {
    rule.is_negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.is_for_directories = true;
    line.remove_suffix(1);
  }
  rule.is_for_whole_path = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  rule.pattern = line;
  if (!matches_path(rule.pattern, "abc"))
    throw Error(ErrorKind::kParse,
                fmt::format("{}: '{}' is a malformed pattern", where, printable(rule.pattern)));
  rules_.push_back(std::move(rule));
}

bool IgnoreRules::Rule::matches(std::string_view path) const {
  const std::string_view name =
      is_for_whole_path ? path : path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  return matches_path(pattern, name).value_or(false);
}

bool IgnoreRules::ignores(std::string_view path, bool is_directory) const {
  for (const Rule& rule : rules_) {
    const bool is_of_kind = is_directory || !rule.is_for_directories;
    if (rule.is_negated) {
      if (!is_of_kind || !rule.matches(path)) return true;
    } else if (is_of_kind && rule.matches(path)) {
      return true;
    }
  }
  return false;
}

}  // namespace tote::chart

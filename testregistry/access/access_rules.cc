#include "testregistry/access/access_rules.h"

#include "base/error.h"
#include "base/text.h"
#include "testregistry/values/name_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace tote::testregistry {
namespace {

constexpr const char* kAnonymous = "anonymous";
constexpr const char* kEverything = "**";

// A typing error may not look like a rule.
bool are_actions(const std::string& text) {
  const std::vector<std::string> words = split(text, ',');
  return std::all_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "pull" || word == "push" || word == "delete" || word == "*";
  });
}

bool is_pattern(const std::string& text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/*") == std::string::npos;
}

}  // namespace

std::string Actions::str() const {
  std::string text;
  for (const auto& [set, name] : {std::pair(pull, "pull"), {push, "push"}, {remove, "delete"}})
    if (set) text += (text.empty() ? "" : ",") + std::string(name);
  return text;
}

Actions parse_actions(std::string_view text) {
  Actions actions;
  for (const std::string& word : split(text, ',')) {
    if (word == "*") return Actions::all();
    actions.pull |= word == "pull";
    actions.push |= word == "push";
    actions.remove |= word == "delete";
  }
  return actions;
}

AccessRules AccessRules::parse(std::string_view text, std::string_view origin) {
  AccessRules rules;
  int number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{std::string(line)};
    Rule rule;
    std::string actions;
    std::string more;
    words >> rule.user >> rule.pattern >> actions;
    rule.actions = parse_actions(actions);
    if (!are_actions(actions) || words >> more || !is_pattern(rule.pattern))
      throw Error(ErrorKind::kParse,
                  fmt::format("{}, line {}: expected 'USER REPOSITORY pull,push,delete', got '{}'",
                              origin, number, line));
    rules.rules_.push_back(std::move(rule));
  }
  if (rules.rules_.empty())
    throw Error(ErrorKind::kParse, fmt::format("{}: there is no rule in it", origin));
  return rules;
}

AccessRules AccessRules::simple(Actions anonymous) {
  AccessRules rules;
  rules.rules_.push_back({"*", kEverything, Actions::all()});
  if (anonymous.any()) rules.rules_.push_back({kAnonymous, kEverything, anonymous});
  return rules;
}

bool AccessRules::Rule::is_for(const std::optional<std::string>& who) const {
  return user == kAnonymous || (who && (user == "*" || user == *who));
}

Actions AccessRules::allowed(const std::optional<std::string>& user,
                             std::string_view repository) const {
  Actions actions;
  for (const Rule& rule : rules_)
    if (rule.is_for(user) && matches_pattern(rule.pattern, repository))
      actions = actions | rule.actions;
  return actions;
}

bool AccessRules::may_list(const std::optional<std::string>& user) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return rule.is_for(user) && rule.pattern == kEverything && rule.actions.pull;
  });
}

bool AccessRules::knows_anonymous() const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [](const Rule& rule) { return rule.user == kAnonymous; });
}

}  // namespace tote::testregistry

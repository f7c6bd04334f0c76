#include "bundle/discover/kbld_rules.h"

#include "base/error.h"
#include "bundle/discover/yaml_fields.h"

#include <algorithm>
#include <string>

namespace tote::bundle::discover {
namespace {

bool is_position(const std::string& part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
}

bool fits(const KbldPathPart& wanted, const std::string& part) {
  if (const auto* key = std::get_if<std::string>(&wanted)) return *key == part;
  if (const auto* index = std::get_if<std::size_t>(&wanted)) return std::to_string(*index) == part;
  return is_position(part);
}

bool fits(const std::vector<KbldPathPart>& wanted, const ValuePath& path) {
  return std::equal(wanted.begin(), wanted.end(), path.begin(), path.end(),
                    [](const auto& a, const auto& b) { return fits(a, b); });
}

bool matches(const KbldRule& rule, const ValuePath& path, std::string_view key,
             std::string_view value) {
  if (!rule.key.empty() && rule.key != key) return false;
  if (!rule.path.empty() && !fits(rule.path, path)) return false;
  if (!rule.image.empty() && rule.image != value) return false;
  return rule.image_repository.empty() || rule.image_repository == without_tag_or_digest(value);
}

// The walk through YAML in a text.
class Inside {
 public:
  Inside(std::size_t offset, const std::vector<KbldRule>& rules, std::vector<InnerText>& found)
      : offset_(offset), rules_(rules), found_(found) {}

  void visit(const Yaml& node, std::string_view key) {
    if (node.kind() == Yaml::Kind::kList) {
      std::size_t index = 0;
      for (const Yaml& item : node.items()) below(std::to_string(index++), "", item);
    } else if (node.kind() == Yaml::Kind::kMap) {
      for (const auto& [name, value] : node.members(Yaml::Duplicates::kLastCounts))
        below(name, name, value);
    } else if (is_scalar(node)) {
      visit_scalar(node, key);
    }
  }

 private:
  void below(const std::string& part, std::string_view key, const Yaml& node) {
    path_.push_back(part);
    visit(node, key);
    path_.pop_back();
  }

  void visit_scalar(const Yaml& node, std::string_view key) {
    const std::string text = node.text();
    const KbldRule* rule = first_match(rules_, path_, key, text);
    if (rule == nullptr || rule->update == KbldRule::Update::kNone) return;
    if (rule->update == KbldRule::Update::kEntireValue) return add(node, text);
    for (const InnerText& inner : find_inside(text, rule->inner))
      add(node, std::string_view(text).substr(inner.offset, inner.length));
  }

  // A text may stand several times in one scalar: each is another one of them.
  void add(const Yaml& node, std::string_view text) {
    const std::string raw = node.raw();
    const std::size_t begin = offset_ + node.begin_mark().offset;
    const std::size_t behind = found_.empty() ? 0 : found_.back().offset + found_.back().length;
    const std::size_t at = raw.find(text, behind > begin ? behind - begin : 0);
    if (at != std::string::npos) found_.push_back({begin + at, text.size()});
  }

  std::size_t offset_;
  const std::vector<KbldRule>& rules_;
  std::vector<InnerText>& found_;
  ValuePath path_;
};

}  // namespace

const KbldRule* first_match(const std::vector<KbldRule>& rules, const ValuePath& path,
                            std::string_view key, std::string_view value) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const KbldRule& rule) {
    return matches(rule, path, key, value);
  });
  return found == rules.end() ? nullptr : &*found;
}

std::vector<InnerText> find_inside(std::string_view text, const std::vector<KbldRule>& rules) {
  std::vector<InnerText> found;
  try {
    for (const Yaml& document : Yaml::parse_all(text, "text"))
      Inside(0, rules, found).visit(document, "");
  } catch (const Error&) {
    found.clear();  // no YAML: kbld leaves it alone too
  }
  return found;
}

}  // namespace tote::bundle::discover

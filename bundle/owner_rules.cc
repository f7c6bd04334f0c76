#include "bundle/owner_rules.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kMaxId =
    std::numeric_limits<std::uint32_t>::max() - 1;  // the last is no id

std::optional<std::uint32_t> parse_id(std::string_view text) {
  const std::optional<std::uint64_t> id = parse_number(text);
  if (!id || *id > kMaxId) return std::nullopt;
  return static_cast<std::uint32_t>(*id);
}

// As entries of a layer are called.
std::string entry_path(std::string_view text) {
  std::string path;
  for (const std::string& part : split(text, '/'))
    if (!part.empty() && part != ".") path += (path.empty() ? "" : "/") + part;
  return path;
}

bool is_about(const OwnerRule& rule, const std::string& name) {
  return rule.path.empty() || name == rule.path || name.starts_with(rule.path + "/");
}

}  // namespace

OwnerRule parse_owner_rule(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::string_view ids = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  const std::size_t colon = ids.find(':');
  const auto user = parse_id(ids.substr(0, colon));
  const auto group = colon == std::string_view::npos ? user : parse_id(ids.substr(colon + 1));
  if (equals == 0 || !user || !group)
    throw Error(ErrorKind::kUsage, fmt::format("expected PATH=UID or PATH=UID:GID, got '{}'", text))
        .with_hint("users and groups are numbers here, for example data=65532:65532");
  return {entry_path(text.substr(0, equals)), {*user, *group}};
}

void apply_owner_rules(const std::vector<OwnerRule>& rules, std::vector<PushFile>& files) {
  for (const OwnerRule& rule : rules) {
    bool is_used = false;
    for (PushFile& file : files) {
      if (!is_about(rule, file.name)) continue;
      file.owner = rule.owner;
      is_used = true;
    }
    if (!is_used) throw Error(ErrorKind::kUsage, fmt::format("the image has no '/{}'", rule.path));
  }
}

}  // namespace tote::bundle

#include "bundle/lock_file.h"

#include "base/error.h"
#include "base/text.h"
#include "oci/reference.h"

#include <fmt/format.h>

namespace tote::bundle {

std::map<std::string, Yaml> known_members(const Yaml& node, const std::set<std::string>& known) {
  std::map<std::string, Yaml> members;
  if (node.kind() == Yaml::Kind::kNull) return members;
  for (auto& [key, value] : node.members()) {
    std::string lower = to_lower(key);
    if (!known.contains(lower))
      throw Error(ErrorKind::kParse,
                  fmt::format("error unmarshaling JSON: while decoding JSON: json: unknown field "
                              "\"{}\"",
                              key))
          .with_hint(fmt::format("see {}", value.where()));
    members.insert_or_assign(std::move(lower), value);
  }
  return members;
}

std::string text_of(const std::map<std::string, Yaml>& members, const std::string& key) {
  const auto found = members.find(key);
  if (found == members.end() || found->second.kind() == Yaml::Kind::kNull) return {};
  return found->second.text();
}

void check_document(const std::map<std::string, Yaml>& members, std::string_view kind) {
  if (text_of(members, "apiversion") != kLockApiVersion)
    throw Error(ErrorKind::kParse, fmt::format("Unknown version (known: {})", kLockApiVersion))
        .add_context("Validating apiVersion");
  if (text_of(members, "kind") != kind)
    throw Error(ErrorKind::kParse, fmt::format("Unknown kind (known: {})", kind))
        .add_context("Validating kind");
}

void check_digest_form(const std::string& image) {
  if (!oci::Reference::try_parse_digest(image))
    throw Error(ErrorKind::kParse,
                fmt::format("Expected ref to be in digest form, got '{}'", image));
}

}  // namespace tote::bundle

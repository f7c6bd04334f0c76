#include "registry/registries_conf.h"

#include "base/error.h"
#include "base/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::registry {
namespace {

constexpr std::string_view kDockerHub = "index.docker.io";

[[noreturn]] void refuse(const std::string& where, const std::string& why, std::string hint = {}) {
  throw Error(ErrorKind::kParse, fmt::format("{}: {}", where, why)).with_hint(std::move(hint));
}

// As people and that file call it.
std::string name_of(const oci::Repository& repository) {
  return repository.registry == kDockerHub ? "docker.io/" + repository.path : repository.name();
}

bool is_location(std::string_view text) {
  const std::string_view host = text.substr(0, text.find('/'));
  return !host.empty() && !text.ends_with('/') && text.find("//") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view(".-_:/[]").find(c) != std::string_view::npos;
         });
}

// A prefix or location may have a port, but no tag and no digest.
void check_location(std::string_view text, const std::string& where) {
  if (text.find("://") != std::string_view::npos)
    refuse(where, fmt::format("'{}' has a scheme, expected HOST[:PORT][/PATH]", text));
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && text.find_first_of(":@", slash) != std::string_view::npos)
    refuse(where, fmt::format("'{}' has a tag or a digest, which is not supported here", text));
  if (!is_location(text)) refuse(where, fmt::format("'{}' is no HOST[:PORT][/PATH]", text));
}

void check_prefix(std::string_view text, const std::string& where) {
  const bool is_pattern = text.starts_with("*.");
  if (is_pattern && text.find_first_of("/*", 1) != std::string_view::npos)
    refuse(where, fmt::format("'{}' has more than a host behind '*.'", text));
  check_location(is_pattern ? text.substr(2) : text, where);
}

MirrorServes serves(const Toml& value) {
  if (value.text() == "all") return MirrorServes::kAll;
  if (value.text() == "digest-only") return MirrorServes::kDigests;
  if (value.text() == "tag-only") return MirrorServes::kTags;
  refuse(value.where(), fmt::format("pull-from-mirror '{}' is not known, expected all, digest-only "
                                    "or tag-only",
                                    value.text()));
}

Mirror read_mirror(const Toml& table, bool by_digest_only) {
  Mirror mirror;
  if (by_digest_only) mirror.serves = MirrorServes::kDigests;
  for (const auto& [key, value] : table.members()) {
    if (key == "location") mirror.location = value.text();
    if (key == "insecure") mirror.is_insecure = value.boolean();
    if (key != "pull-from-mirror") continue;
    if (by_digest_only)
      refuse(value.where(), "expected either mirror-by-digest-only or pull-from-mirror, not both");
    mirror.serves = serves(value);
  }
  if (mirror.location.empty()) refuse(table.where(), "a mirror has no location");
  check_location(mirror.location, table.where());
  return mirror;
}

bool is_true(const Toml& table, std::string_view name) {
  for (const auto& [key, value] : table.members())
    if (key == name) return value.boolean();
  return false;
}

RegistryRule read_rule(const Toml& table) {
  RegistryRule rule{.prefix = {}, .where = table.where()};
  const bool by_digest_only = is_true(table, "mirror-by-digest-only");
  for (const auto& [key, value] : table.members()) {
    if (key == "prefix") rule.prefix = value.text();
    if (key == "location") rule.location = value.text();
    if (key == "insecure") rule.is_insecure = value.boolean();
    if (key == "blocked") rule.is_blocked = value.boolean();
    if (key == "mirror")
      for (const Toml& mirror : value.items())
        rule.mirrors.push_back(read_mirror(mirror, by_digest_only));
  }
  if (rule.prefix.empty()) rule.prefix = rule.location;
  if (rule.prefix.empty()) refuse(rule.where, "a registry has neither prefix nor location");
  check_prefix(rule.prefix, rule.where);
  if (rule.location.empty()) return rule;
  check_location(rule.location, rule.where);
  return rule;
}

oci::Repository placed(const std::string& location, std::string_view rest) {
  return while_doing([&] { return fmt::format("mirror '{}'", location); },
                     [&] { return oci::Repository::parse(location + std::string(rest)); });
}

std::string_view rest_of(std::string_view name, const RegistryRule& rule) {
  return name.substr(rule.matched(name));
}

// The longest counts; a name stands above a pattern. Null: none is for it.
const RegistryRule* find(const std::vector<RegistryRule>& rules, std::string_view name) {
  const auto rank = [](const RegistryRule& rule) {
    return std::pair(!rule.prefix.starts_with('*'), rule.prefix.size());
  };
  const RegistryRule* best = nullptr;
  for (const RegistryRule& rule : rules)
    if (rule.matched(name) > 0 && (best == nullptr || rank(rule) > rank(*best))) best = &rule;
  return best;
}

void put_mirrors(const RegistryRule* rule, std::string_view name, std::vector<PullPlace>& places) {
  if (rule == nullptr) return;
  for (const Mirror& mirror : rule->mirrors)
    places.push_back(
        {placed(mirror.location, rest_of(name, *rule)), mirror.is_insecure, mirror.serves, true});
}

}  // namespace

std::size_t RegistryRule::matched(std::string_view name) const {
  const std::string_view host = name.substr(0, name.find('/'));
  if (prefix.starts_with("*."))
    return host.ends_with(std::string_view(prefix).substr(1)) ? host.size() : 0;
  if (!name.starts_with(prefix)) return 0;
  return name.size() == prefix.size() || name[prefix.size()] == '/' ? prefix.size() : 0;
}

RegistriesConf RegistriesConf::parse(std::string_view text, std::string_view origin) {
  RegistriesConf conf;
  const Toml document = Toml::parse(text, origin);
  for (const auto& [key, value] : document.members()) {
    if (key == "registries")
      refuse(value.where(), "this is version 1 of the format, expected version 2",
             "it is '[[registry]]' with 'location', see containers-registries.conf(5)");
    if (key != "registry") continue;
    for (const Toml& table : value.items()) {
      const RegistryRule rule = read_rule(table);
      for (const RegistryRule& other : conf.rules_)
        if (other.prefix == rule.prefix)
          refuse(rule.where, fmt::format("'{}' is there twice", rule.prefix));
      conf.rules_.push_back(rule);
    }
  }
  return conf;
}

void RegistriesConf::add(const RegistriesConf& later) {
  for (const RegistryRule& rule : later.rules_) {
    const auto same = std::find_if(rules_.begin(), rules_.end(), [&](const RegistryRule& other) {
      return other.prefix == rule.prefix;
    });
    if (same == rules_.end())
      rules_.push_back(rule);
    else
      *same = rule;
  }
}

void RegistriesConf::add_mirror(const std::string& prefix, const std::string& location) {
  try {
    check_prefix(prefix, "--mirror");
    check_location(location, "--mirror");
  } catch (const Error& error) {
    throw Error(ErrorKind::kUsage, error.message());
  }
  const auto same = std::find_if(given_.begin(), given_.end(),
                                 [&](const RegistryRule& rule) { return rule.prefix == prefix; });
  if (same == given_.end())
    given_.push_back({.prefix = prefix, .mirrors = {{.location = location}}});
  else
    same->mirrors.push_back({.location = location});
}

void RegistriesConf::add_mirrors(const RegistriesConf& other) {
  given_.insert(given_.end(), other.given_.begin(), other.given_.end());
}

std::vector<PullPlace> RegistriesConf::places_of(const oci::Repository& repository) const {
  const std::string name = name_of(repository);
  const RegistryRule* const rule = find(rules_, name);
  if (rule != nullptr && rule->is_blocked)
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is blocked by {}", rule->prefix, rule->where));
  std::vector<PullPlace> places;
  put_mirrors(find(given_, name), name, places);
  put_mirrors(rule, name, places);
  if (rule == nullptr || rule->location.empty())
    places.push_back({repository, rule != nullptr && rule->is_insecure});
  else
    places.push_back({placed(rule->location, rest_of(name, *rule)), rule->is_insecure});
  return places;
}

}  // namespace tote::registry

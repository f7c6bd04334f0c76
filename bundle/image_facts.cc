#include "bundle/image_facts.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>

namespace tote::bundle {
namespace {

using Facts = std::map<std::string, std::string>;

std::string text_of(const Json& json) {
  return json.is_string() ? json.string() : json.text();
}

// "NAME=value", as of a process.
void add_environment(const Json& list, Facts& facts) {
  for (const Json& item : list.items()) {
    const std::string& text = item.string();
    const std::size_t equals = text.find('=');
    facts["env " + text.substr(0, equals)] =
        equals == std::string::npos ? "" : text.substr(equals + 1);
  }
}

// The member "config" of a config: how it is run.
void add_settings(const Json& settings, Facts& facts) {
  for (const auto& [key, value] : settings.members()) {
    if (value.is_null()) continue;
    if (key == "Env" && value.is_array()) {
      add_environment(value, facts);
    } else if (key == "Labels" && value.is_object()) {
      for (const auto& [name, label] : value.members()) facts["label " + name] = text_of(label);
    } else {
      facts[to_lower(key)] = text_of(value);
    }
  }
}

Facts facts_of_config(const std::string& bytes, const oci::Digest& digest) {
  Facts facts;
  const Json config = Json::parse(bytes, "config");
  if (const std::string platform = oci::parse_config_platform(bytes, digest).name();
      !platform.empty())
    facts["platform"] = platform;
  if (const auto settings = config.find("config"); settings && settings->is_object())
    add_settings(*settings, facts);
  return facts;
}

// An artifact's config is of any kind.
void add_config(const oci::Manifest& image, const oci::Repository& repository,
                copy::ManifestCache& cache, const std::stop_token& stop, Facts& facts) {
  if (!image.has_config() || !oci::is_readable_config(image.config())) return;
  const std::string bytes = cache.config(repository, image.config(), stop);
  try {
    facts.merge(facts_of_config(bytes, image.config().digest));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    facts["config"] = image.config().digest.str();
  }
}

}  // namespace

std::map<std::string, std::string> facts_of(const oci::Manifest& image,
                                            const oci::Repository& repository,
                                            copy::ManifestCache& cache,
                                            const std::stop_token& stop) {
  Facts facts;
  for (const auto& [name, value] : image.annotations()) facts["annotation " + name] = value;
  if (!image.artifact_type().empty()) facts["artifact type"] = image.artifact_type();
  for (const oci::Descriptor& child : image.children()) {
    const std::string name =
        child.platform && child.platform->is_known() ? child.platform->name() : child.digest.str();
    std::string& digests = facts["image for " + name];
    digests += (digests.empty() ? "" : ", ") + child.digest.str();
  }
  if (!image.is_index()) add_config(image, repository, cache, stop, facts);
  return facts;
}

}  // namespace tote::bundle

#include "oci/platform_choice.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace tote::oci {
namespace {

// In indexes that BuildKit makes: of an attestation the digest of the image that it is about.
constexpr const char* kAttested = "vnd.docker.reference.digest";

// arm64/v9.0 has all of v8.5.
constexpr int kMinorsBehind = 5;

struct Version {
  int major;
  int minor;
};

// "v7", "v8.2"; nullopt: it is none.
std::optional<Version> parse_version(std::string_view variant) {
  if (!variant.starts_with('v')) return std::nullopt;
  const std::vector<std::string> parts = split(variant.substr(1), '.');
  if (parts.size() > 2) return std::nullopt;
  Version version{0, 0};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = parse_number(parts[i]);
    if (!number || *number > 99) return std::nullopt;
    (i == 0 ? version.major : version.minor) = static_cast<int>(*number);
  }
  return version;
}

std::string text_of(const Version& version) {
  return version.minor == 0 ? fmt::format("v{}", version.major)
                            : fmt::format("v{}.{}", version.major, version.minor);
}

Platform with(const Platform& platform, std::string architecture, std::string variant) {
  return normalized({platform.os, std::move(architecture), std::move(variant)});
}

// "v7" to "v5".
void add_arm(const Platform& machine, int major, std::vector<Platform>& list) {
  for (; major >= 5; --major) list.push_back(with(machine, "arm", text_of({major, 0})));
}

void add_arm64(const Platform& machine, Version version, std::vector<Platform>& list) {
  if (version.major == 9) {
    for (int minor = version.minor - 1; minor >= 0; --minor)
      list.push_back(with(machine, "arm64", text_of({9, minor})));
    version = {8, version.minor + kMinorsBehind};
    list.push_back(with(machine, "arm64", text_of(version)));
  }
  if (version.major == 8)
    for (int minor = version.minor - 1; minor >= 0; --minor)
      list.push_back(with(machine, "arm64", text_of({8, minor})));
  add_arm(machine, 8, list);
}

bool says_platform(const Descriptor& child) {
  return child.platform && child.platform->is_known();
}

bool is_attestation(const Descriptor& child) {
  return says_platform(child) && child.platform->os == "unknown";
}

// Marks the best there is for one machine; false if there is nothing.
bool choose(const Platform& machine, const std::vector<Descriptor>& children,
            std::vector<bool>& chosen) {
  for (const Platform& runs : runs_on(machine)) {
    bool found = false;
    for (std::size_t i = 0; i < children.size(); ++i)
      if (says_platform(children[i]) && is_same_machine(*children[i].platform, runs))
        found = chosen[i] = true;
    if (found) return true;
  }
  return false;
}

}  // namespace

Platform normalized(Platform platform) {
  platform.os = to_lower(platform.os);
  platform.architecture = to_lower(platform.architecture);
  std::string& variant = platform.variant;
  variant = to_lower(variant);
  const bool is_number = variant.size() == 1 && variant[0] >= '5' && variant[0] <= '9';
  const std::string& architecture = platform.architecture;
  if (is_number && architecture.starts_with("arm")) variant.insert(0, "v");
  if (architecture == "arm64" && variant == "v8") variant.clear();
  if (architecture == "arm" && variant.empty()) variant = "v7";
  if (architecture == "amd64" && variant == "v1") variant.clear();
  return platform;
}

bool is_same_machine(const Platform& a, const Platform& b) {
  const Platform one = normalized(a);
  const Platform other = normalized(b);
  return std::tie(one.os, one.architecture, one.variant) ==
         std::tie(other.os, other.architecture, other.variant);
}

std::vector<Platform> runs_on(const Platform& machine) {
  const Platform best = normalized(machine);
  std::vector<Platform> list = {{best.os, best.architecture, best.variant}};
  const std::optional<Version> version = parse_version(best.variant);
  if (best.architecture == "amd64") {
    for (int major = version ? version->major - 1 : 0; major >= 1; --major)
      list.push_back(with(best, "amd64", text_of({major, 0})));
    list.push_back(with(best, "386", ""));
  } else if (best.architecture == "arm" && version) {
    add_arm(best, version->major - 1, list);
  } else if (best.architecture == "arm64") {
    add_arm64(best, version.value_or(Version{8, 0}), list);
  }
  return list;
}

PlatformChoice PlatformChoice::parse(const std::vector<std::string>& names) {
  std::vector<Platform> wanted;
  for (const std::string& name : names) {
    Platform platform = normalized(parse_platform(name));
    if (std::find(wanted.begin(), wanted.end(), platform) != wanted.end())
      throw Error(ErrorKind::kUsage, fmt::format("the platform '{}' is named twice", name));
    wanted.push_back(std::move(platform));
  }
  return PlatformChoice(std::move(wanted));
}

std::string PlatformChoice::name() const {
  std::string text;
  for (const Platform& platform : wanted_) text += (text.empty() ? "" : ",") + platform.name();
  return text;
}

std::vector<bool> PlatformChoice::of(const Manifest& index) const {
  const std::vector<Descriptor>& children = index.children();
  if (is_all()) return std::vector<bool>(children.size(), true);
  std::vector<bool> chosen(children.size(), false);
  for (std::size_t i = 0; i < children.size(); ++i) chosen[i] = !says_platform(children[i]);
  for (const Platform& machine : wanted_) choose(machine, children, chosen);
  std::set<std::string> images;
  for (std::size_t i = 0; i < children.size(); ++i)
    if (chosen[i]) images.insert(children[i].digest.str());
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto about = children[i].annotations.find(kAttested);
    if (is_attestation(children[i]) && about != children[i].annotations.end())
      chosen[i] = images.contains(about->second);
  }
  return chosen;
}

std::vector<Platform> PlatformChoice::missing_in(const Manifest& index) const {
  const std::vector<Descriptor>& children = index.children();
  std::vector<Platform> missing;
  if (!std::all_of(children.begin(), children.end(), says_platform)) return missing;
  std::vector<bool> chosen(children.size(), false);
  for (const Platform& machine : wanted_)
    if (!choose(machine, children, chosen)) missing.push_back(machine);
  return missing;
}

std::string list_platforms(const Manifest& index) {
  std::vector<std::string> names;
  for (const Descriptor& child : index.children())
    if (says_platform(child) && !is_attestation(child)) names.push_back(child.platform->name());
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace tote::oci

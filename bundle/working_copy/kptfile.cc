#include "bundle/working_copy/kptfile.h"

#include "base/error.h"
#include "base/file.h"
#include "base/yaml_reader.h"
#include "bundle/discover/strict_map.h"
#include "bundle/place.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;
using discover::refuse;

constexpr std::uint64_t kMaxSize = 1U << 20U;

using Members = std::map<std::string, Yaml>;

Members members_of(const Yaml& node) {
  Members members;
  for (auto& [key, value] : node.members())
    if (value.kind() != Yaml::Kind::kNull) members.emplace(key, value);
  return members;
}

std::string text_of(const Members& members, const std::string& key) {
  const auto found = members.find(key);
  return found == members.end() ? "" : found->second.text();
}

// What stands below "oci:" of an upstream or its lock.
Members oci_of(const Yaml& node) {
  const Members members = members_of(node);
  const std::string type = text_of(members, "type");
  if (type != "oci")
    throw Error(ErrorKind::kParse,
                fmt::format("{}: an upstream of type '{}' is not supported", node.where(), type))
        .with_hint("tote follows images: type oci");
  const auto oci = members.find("oci");
  if (oci == members.end()) refuse(node, "'oci' is missing");
  return members_of(oci->second);
}

std::string directory_of(const Yaml& node, const Members& oci) {
  std::string directory = text_of(oci, "path");
  while (directory.starts_with('/')) directory.erase(0, 1);
  while (directory.ends_with('/')) directory.pop_back();
  if (directory == ".") directory.clear();
  if (!directory.empty())
    while_doing([&] { return node.where(); }, [&] { check_sub_path(directory); });
  return directory;
}

oci::Reference image_of(const Yaml& node, const Members& oci) {
  return while_doing([&] { return node.where(); },
                     [&] { return parse_reference(text_of(oci, "image")); });
}

Strategy strategy_of_kpt(const Yaml& node, const std::string& name) {
  if (name.empty() || name == "resource-merge") return Strategy::kMerge;
  if (name == "fast-forward") return Strategy::kFastForward;
  if (name == "force-delete-replace") return Strategy::kReplace;
  refuse(node, fmt::format("unknown updateStrategy '{}'", name));
}

}  // namespace

std::optional<UpstreamFile> parse_kptfile(std::string_view text, std::string_view origin) {
  const Yaml root = Yaml::parse(text, origin);
  if (root.kind() != Yaml::Kind::kMap) return std::nullopt;
  const Members members = members_of(root);
  const auto upstream = members.find("upstream");
  const auto lock = members.find("upstreamLock");
  if (upstream == members.end()) return std::nullopt;
  const Members from = oci_of(upstream->second);
  if (lock == members.end())
    refuse(upstream->second, "there is no 'upstreamLock' beside 'upstream'");
  const Members locked = oci_of(lock->second);
  UpstreamFile file;
  file.upstream = {
      image_of(upstream->second, from), directory_of(upstream->second, from),
      strategy_of_kpt(upstream->second, text_of(members_of(upstream->second), "updateStrategy"))};
  file.lock = {image_of(lock->second, locked), directory_of(lock->second, locked),
               while_doing([&] { return lock->second.where(); },
                           [&] { return oci::Digest::parse(text_of(locked, "digest")); })};
  return file;
}

std::optional<UpstreamFile> load_upstream(const fs::path& directory) {
  if (auto file = UpstreamFile::load(directory)) return file;
  const fs::path path = directory / "Kptfile";
  std::error_code absent;
  if (!fs::is_regular_file(fs::symlink_status(path, absent))) return std::nullopt;
  return parse_kptfile(read_file(path, kMaxSize), path.string());
}

}  // namespace tote::bundle::working_copy

#include "bundle/working_copy/upstream_file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/temporary_file.h"
#include "base/yaml_writer.h"
#include "bundle/discover/strict_map.h"
#include "bundle/place.h"
#include "bundle/upstream_path.h"

#include <fmt/format.h>

#include <array>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;
using discover::refuse;
using discover::StrictMap;

constexpr std::uint64_t kMaxSize = 1U << 20U;
constexpr std::array<std::string_view, 3> kStrategies = {"merge", "fast-forward", "replace"};

// ---- reading -----------------------------------------------------------------------------------

// A complaint about a value says where it stands.
template <class Parse>
auto parse_member(StrictMap& map, const std::string& key, Parse parse) {
  const std::string text = map.required_text(key);
  return while_doing([&] { return fmt::format("{}: '{}'", map.node().where(), key); },
                     [&] { return parse(text); });
}

oci::Reference take_image(StrictMap& map) {
  return parse_member(map, "image",
                      [](const std::string& text) { return oci::Reference::parse(text); });
}

oci::Digest take_digest(StrictMap& map) {
  return parse_member(map, "digest",
                      [](const std::string& text) { return oci::Digest::parse(text); });
}

std::string take_directory(StrictMap& map) {
  std::string directory = map.text("directory");
  if (!directory.empty())
    while_doing([&] { return map.node().where(); }, [&] { check_sub_path(directory); });
  return directory;
}

Strategy take_strategy(StrictMap& map) {
  const std::string text = map.text("strategy");
  if (text.empty()) return Strategy::kMerge;
  const std::optional<Strategy> strategy = strategy_of(text);
  if (!strategy) refuse(map.node(), fmt::format("unknown strategy '{}'", text));
  return *strategy;
}

Upstream read_upstream(const Yaml& node) {
  StrictMap map(node);
  Upstream upstream{take_image(map), take_directory(map), take_strategy(map)};
  map.finish();
  return upstream;
}

UpstreamLock read_lock(const Yaml& node) {
  StrictMap map(node);
  UpstreamLock lock{take_image(map), take_directory(map), take_digest(map)};
  map.finish();
  return lock;
}

Origin read_origin(const Yaml& node) {
  StrictMap map(node);
  Origin origin{take_image(map), take_digest(map)};
  map.finish();
  return origin;
}

void check_version(StrictMap& map) {
  const std::string version = map.required_text("version");
  if (version != "1")
    refuse(
        map.node(),
        fmt::format("version '{}': this tote reads version 1, so a newer one is needed", version));
}

// ---- writing -----------------------------------------------------------------------------------

std::string directory_line(const std::string& directory) {
  return directory.empty() ? "" : yaml_field("directory", directory, 2);
}

std::string digest_line(const oci::Digest& digest) {
  return yaml_field("digest", digest.str(), 2);
}

std::string image_line(const oci::Reference& image) {
  return yaml_field("image", image.name(), 2);
}

// ---- files -------------------------------------------------------------------------------------

void refuse_link(const fs::path& path) {
  std::error_code absent;
  if (fs::is_symlink(fs::symlink_status(path, absent)))
    throw Error(ErrorKind::kParse, fmt::format("'{}' is a symbolic link", path.string()))
        .with_hint("where a directory came from has to be written down in the directory itself");
}

}  // namespace

std::string_view name_of(Strategy strategy) noexcept {
  return kStrategies[static_cast<std::size_t>(strategy)];
}

std::optional<Strategy> strategy_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStrategies.size(); ++i)
    if (kStrategies[i] == name) return static_cast<Strategy>(i);
  return std::nullopt;
}

UpstreamFile UpstreamFile::parse(std::string_view text, std::string_view origin) {
  StrictMap map(Yaml::parse(text, origin));
  check_version(map);
  UpstreamFile file;
  if (const auto node = map.take("upstream")) file.upstream = read_upstream(*node);
  if (const auto node = map.take("upstreamLock")) file.lock = read_lock(*node);
  if (const auto node = map.take("origin")) file.origin = read_origin(*node);
  map.finish();
  if (file.upstream.has_value() != file.lock.has_value())
    refuse(map.node(), "'upstream' and 'upstreamLock' are only there together");
  return file;
}

std::string UpstreamFile::encode() const {
  std::string text = "---\n";
  if (origin) text += "origin:\n" + digest_line(origin->digest) + image_line(origin->image);
  if (upstream)
    text += "upstream:\n" + directory_line(upstream->directory) + image_line(upstream->image) +
            yaml_field("strategy", name_of(upstream->strategy), 2);
  if (lock)
    text += "upstreamLock:\n" + digest_line(lock->digest) + directory_line(lock->directory) +
            image_line(lock->image);
  return text + "version: 1\n";
}

std::optional<UpstreamFile> UpstreamFile::load(const fs::path& directory) {
  const fs::path path = directory / kUpstreamFile;
  std::error_code absent;
  if (!fs::exists(fs::symlink_status(path, absent))) return std::nullopt;
  refuse_link(path.parent_path());
  refuse_link(path);
  return parse(read_file(path, kMaxSize), path.string());
}

void UpstreamFile::save(const fs::path& directory) const {
  const fs::path path = directory / kUpstreamFile;
  refuse_link(path.parent_path());
  refuse_link(path);
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed)
    throw Error(ErrorKind::kIo,
                fmt::format("mkdir {}: {}", path.parent_path().string(), failed.message()));
  replace_file(path, encode(), 0644);
}

}  // namespace tote::bundle::working_copy

#include "bundle/working_copy/tracked.h"

#include "base/error.h"
#include "base/paths.h"
#include "bundle/working_copy/kptfile.h"
#include "bundle/working_copy/tree.h"

#include <fmt/format.h>

#include <optional>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

std::optional<Tracked> find_tracked(const fs::path& directory, const std::string& prefix) {
  const std::optional<UpstreamFile> file = load_upstream(directory);
  if (!file) return std::nullopt;
  if (file->upstream)
    return Tracked{prefix,
                   *file,
                   file->upstream->image,
                   file->upstream->directory,
                   file->lock->digest,
                   file->upstream->strategy};
  if (file->origin) return Tracked{prefix, *file, file->origin->image, {}, file->origin->digest};
  return std::nullopt;
}

void add_nested(const fs::path& directory, const std::string& prefix, std::vector<Tracked>& all) {
  for (const std::string& name : scan_tree(directory).nested) {
    const std::string inner = prefix.empty() ? name : prefix + "/" + name;
    const auto tracked = find_tracked(directory / name, inner);
    if (tracked && tracked->file.upstream && tracked->image.name() == all.front().image.name())
      all.push_back(*tracked);
    add_nested(directory / name, inner, all);
  }
}

}  // namespace

UpstreamFile Tracked::with(const oci::Reference& new_image, const oci::Digest& new_digest) const {
  UpstreamFile changed = file;
  if (!changed.upstream) {
    changed.origin = {new_image, new_digest};
    return changed;
  }
  changed.upstream->image = new_image;
  changed.lock = {new_image, directory, new_digest};
  return changed;
}

fs::path working_copy_path(const fs::path& directory) {
  fs::path path = real_path(directory);
  if (!path.has_filename()) path = path.parent_path();
  if (!fs::is_directory(path))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no directory", directory.string()));
  return path;
}

Tracked load_tracked(const fs::path& directory) {
  if (auto tracked = find_tracked(directory, "")) return *std::move(tracked);
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' is no working copy: nothing says which upstream it has",
                          directory.string()))
      .with_hint("'get oci://...' makes one; 'pull oci://...' writes down where files come from");
}

std::vector<Tracked> load_all_tracked(const fs::path& directory) {
  std::vector<Tracked> all = {load_tracked(directory)};
  add_nested(directory, "", all);
  return all;
}

}  // namespace tote::bundle::working_copy

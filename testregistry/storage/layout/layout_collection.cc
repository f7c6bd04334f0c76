#include "testregistry/storage/layout/layout_collection.h"

#include "archive/layout_directory.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"
#include "testregistry/storage/bundle_links.h"
#include "testregistry/storage/layout/served_layout.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <utility>

namespace tote::testregistry {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

SystemTime ago(std::chrono::seconds time) {
  return std::chrono::system_clock::now() - time;
}

// Unless it is younger than `cutoff`; the bytes that it gives back.
std::optional<std::uint64_t> take_away(const std::string& path, SystemTime cutoff, bool dry_run) {
  const auto info = try_stat(path);
  if (!info || written_at(*info) > cutoff) return std::nullopt;
  if (!dry_run) try_unlink(path);
  return static_cast<std::uint64_t>(info->st_size);
}

// Takes a layout for itself as long as it lives.
class Alone {
 public:
  Alone(const UniqueFd& lock, const std::filesystem::path& path) : lock_(lock) {
    if (archive::try_change_use(lock_, archive::LayoutUse::kRemoving)) return;
    throw Error(ErrorKind::kIo, fmt::format("another process is writing to {}", path.string()))
        .with_hint("a registry that serves it collects its own garbage: --gc-interval 1h");
  }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  ~Alone() { archive::try_change_use(lock_, archive::LayoutUse::kAdding); }

 private:
  const UniqueFd& lock_;
};

}  // namespace

bool LayoutReachability::is_young(const oci::Digest& digest) const {
  const auto info = try_stat((directory_ / archive::blob_path(digest)).string());
  return info && written_at(*info) > ago(options_.grace);
}

void LayoutReachability::add_links(const oci::Manifest& manifest) {
  if (stop_.stop_requested()) throw Cancelled();
  const ManifestFacts facts = read_facts(manifest.bytes(), manifest.digest().str());
  ManifestLinks links = links_of(facts);
  if (options_.untagged)
    add_bundle_links(
        facts,
        [this](const oci::Digest& blob) -> std::unique_ptr<Source> {
          const FilePtr file = try_open_layout_blob(directory_, blob);
          return file ? std::make_unique<RangeSource>(file, 0, file->size()) : nullptr;
        },
        links);
  links_[manifest.digest()] = std::move(links);
}

// What an index names need not be there.
void LayoutReachability::add(const oci::Descriptor& target, int depth) {
  if (links_.contains(target.digest) || !oci::may_be_manifest(target.media_type) ||
      !try_open_layout_blob(directory_, target.digest))
    return;
  const oci::ManifestPtr manifest = manifests_.find(target);
  if (!manifest || depth > oci::kMaxIndexNesting)
    throw Error(ErrorKind::kParse,
                fmt::format("manifest {} of layout {} can not be read, so what it needs is not "
                            "known and nothing is removed",
                            target.digest.str(), directory_.string()));
  add_links(*manifest);
  for (const oci::Descriptor& child : manifest->children()) add(child, depth + 1);
}

void LayoutReachability::add_entries(const std::vector<archive::IndexEntry>& entries) {
  std::vector<Tag> tags;
  for (const archive::IndexEntry& entry : entries) {
    add(entry.target, 0);
    if (!entry.tag.empty())
      tags.push_back({entry.tag, entry.target.digest});
    else if (!options_.untagged || !entry.is_bare() || is_young(entry.target.digest))
      reasons_.roots.push_back(entry.target.digest);
  }
  if (!options_.untagged)
    for (const Tag& tag : tags) reasons_.roots.push_back(tag.target);
  add_tags(
      tags, links_, [](const oci::Digest&) { return false; }, reasons_);
}

// Of manifests that index.json does not list, since some tools only put them among the blobs.
void LayoutReachability::add_unlisted_referrers() {
  for (const LayoutBlob& blob : list_layout_blobs(directory_.string())) {
    if (links_.contains(blob.digest)) continue;
    const auto info = try_stat(blob.path);
    if (!info || info->st_size > static_cast<off_t>(oci::kMaxManifestSize)) continue;
    const auto bytes = try_read(blob.path, oci::kMaxManifestSize);
    if (!bytes || !bytes->starts_with('{') || bytes->find("\"subject\"") == std::string::npos)
      continue;
    const oci::ManifestPtr manifest =
        manifests_.find({"", blob.digest, static_cast<std::uint64_t>(bytes->size())});
    if (manifest && manifest->subject()) add_links(*manifest);
  }
}

std::unordered_set<oci::Digest> LayoutReachability::kept(
    const std::vector<archive::IndexEntry>& entries) {
  add_entries(entries);
  add_unlisted_referrers();
  return reachable(links_, reasons_);
}

Collected ServedLayout::collect(const CollectOptions& options, const std::stop_token& stop) {
  const WriteLock nobody_adds(blobs_mutex_);
  const Alone alone(lock_, place_.path);
  std::vector<archive::IndexEntry> entries;
  {
    const Lock lock(mutex_);
    read_again();
    entries = index_->entries();
  }
  const std::unordered_set<oci::Digest> kept =
      LayoutReachability(place_.path, manifests_, options, stop).kept(entries);
  const auto is_kept = [&](const oci::Digest& digest) { return kept.contains(digest); };
  Collected done;
  std::unordered_set<oci::Digest> dropped;
  for (const archive::IndexEntry& entry : entries)
    if (!is_kept(entry.target.digest)) dropped.insert(entry.target.digest);
  done.manifests = dropped.size();
  if (!options.dry_run && !dropped.empty())
    change([&](LayoutEdit& edit) {
      edit.drop(is_kept);
      return true;
    });
  for (const LayoutBlob& blob : list_layout_blobs(place_.path.string())) {
    if (is_kept(blob.digest)) continue;
    const auto bytes = take_away(blob.path, ago(options.grace), options.dry_run);
    if (!bytes) continue;
    ++done.blobs;
    done.bytes += *bytes;
  }
  const std::string ingest = (place_.path / archive::kIngest).string();
  for_each_name(ingest, [&](const std::string& name) {
    if (!is_random_name(name)) return;
    const auto bytes = take_away(ingest + "/" + name, ago(options.upload_expiry), options.dry_run);
    if (!bytes) return;
    ++done.uploads;
    done.bytes += *bytes;
  });
  if (!options.dry_run) archive::remove_passing_blobs(place_.path);
  return done;
}

}  // namespace tote::testregistry

#include "testregistry/storage/directory/directory_storage.h"

#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/storage/directory/directory_collection.h"
#include "testregistry/storage/directory/layout_takeover.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tote::testregistry {
namespace {

// A blob that is younger needs no new time when a client asks for it.
constexpr std::chrono::seconds kFresh{1};
constexpr std::uint64_t kHotBytes = 32U << 20U;

// Keys of the hot cache, behind the repository's name.
std::string blob_key(const oci::Digest& digest) {
  return "/_b/" + digest.hex();
}
std::string manifest_key(const oci::Digest& digest) {
  return "/_m/" + digest.hex();
}
std::string tag_key(const std::string& tag) {
  return "/_t/" + tag;
}

std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// What is younger need not be given a new time.
std::int64_t fresh_since() {
  return seconds_of(std::chrono::system_clock::now() - kFresh);
}

MemoryRange in_memory(const Content& content) {
  auto bytes = std::make_shared<const std::string>(
      read_all(*open_content(content), HotCache::kMaxContent, "content"));
  return {bytes, 0, bytes->size()};
}

std::shared_ptr<const HotEntry> make_hot(std::optional<oci::Digest> target, std::string media_type,
                                         MemoryRange content) {
  auto entry = std::make_shared<HotEntry>();
  entry->target = target;
  entry->media_type = std::move(media_type);
  entry->content = std::move(content);
  return entry;
}

}  // namespace

DirectoryStorage::DirectoryStorage(const std::filesystem::path& root, Sync sync,
                                   std::function<void(std::string_view)> log, Writing writing)
    : files_(root.string(), sync),
      log_(std::move(log)),
      root_(files_, writing),
      pool_(files_),
      records_(files_, pool_,
               [this](const DirectoryRepositoryPtr& changed) { layouts_.mark(changed); }),
      uploads_(files_, pool_),
      hot_(kHotBytes),
      repositories_(files_.root(),
                    [this](const DirectoryRepositoryPtr& repository) { prepare(repository); }),
      layouts_(files_, log_, [this](const DirectoryRepositoryPtr& repository) {
        return take_over_rest(repository);
      }) {
  layouts_.start([this](const std::stop_token& stop) {
    pool_.count(stop);
    if (root_.is_writable()) look_at_layouts(stop);
  });
}

DirectoryStorage::~DirectoryStorage() = default;

void DirectoryStorage::log(const std::string& line) const {
  if (log_) log_(line);
}

Collected DirectoryStorage::collect(const CollectOptions& options, std::stop_token stop) {
  const DirectoryCollection::Parts parts{files_,   repositories_, pool_, records_,
                                         uploads_, layouts_,      log_};
  return DirectoryCollection(parts, options, std::move(stop)).run();
}

// ---- layouts that are dropped in ---------------------------------------------------------------

void DirectoryStorage::look_at_layouts(const std::stop_token& stop) {
  for (const std::string& name : repositories_.list()) {
    if (stop.stop_requested()) return;
    try {
      if (const auto repository = repositories_.find(name)) layouts_.mark_if_stale(repository);
    } catch (const Error& failure) {
      log(fmt::format("repository {}: {}", name, failure.message()));
    }
  }
}

void DirectoryStorage::prepare(const DirectoryRepositoryPtr& repository) {
  if (!is_layout(repository->path)) return;
  if (!root_.is_writable())
    return log(fmt::format("{}: a layout can not be taken over where nothing can be written",
                           repository->path));
  if (!try_takeover(repository)) layouts_.look_again(repository);
}

// What the repository has otherwise is not to suffer.
bool DirectoryStorage::try_takeover(const DirectoryRepositoryPtr& repository) {
  std::string failure;
  try {
    return LayoutTakeover(files_, pool_, records_, log_, repository).run();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (failure != repository->takeover_failure)
    log(fmt::format("the layout at {}: {}", repository->path, failure));
  repository->takeover_failure = failure;
  return false;
}

bool DirectoryStorage::take_over_rest(const DirectoryRepositoryPtr& repository) {
  const Lock lock(repository->mutex);
  return !is_layout(repository->path) || try_takeover(repository);
}

// ---- what is in memory -------------------------------------------------------------------------

std::shared_ptr<const HotEntry> DirectoryStorage::find_hot(const std::string& repository,
                                                           const std::string& reference) {
  const DirectoryRepositoryPtr in = repositories_.known(repository);
  return in ? hot_.find(repository + reference, in->generation) : nullptr;
}

bool DirectoryStorage::is_hot(const std::string& repository, const std::string& reference,
                              Use use) {
  const auto entry = find_hot(repository, reference);
  return entry && (use == Use::kRead || entry->kept_at > fresh_since());
}

bool DirectoryStorage::is_blob_in_memory(const std::string& repository, const oci::Digest& digest,
                                         Use use) {
  return is_hot(repository, blob_key(digest), use);
}

bool DirectoryStorage::is_manifest_in_memory(const std::string& repository,
                                             const oci::Digest& digest, Use use) {
  return is_hot(repository, manifest_key(digest), use);
}

bool DirectoryStorage::is_tag_in_memory(const std::string& repository, const std::string& tag) {
  return is_hot(repository, tag_key(tag), Use::kRead);
}

template <class Load>
std::shared_ptr<const HotEntry> DirectoryStorage::hot(const DirectoryRepository& repository,
                                                      const std::string& reference, Load load) {
  const std::uint64_t generation = repository.generation;
  const std::string key = repository.name + reference;
  if (auto known = hot_.find(key, generation)) return known;
  std::shared_ptr<const HotEntry> entry = load();
  if (entry) hot_.put(key, generation, entry);
  return entry;
}

// A client that only asks is not to suffer from a file whose time can not be set.
void DirectoryStorage::keep(const DirectoryRepository& repository, const oci::Digest& digest,
                            const HotEntry* hot) {
  if (hot != nullptr && hot->kept_at > fresh_since()) return;
  try {
    make_young(repository, digest);
  } catch (const Error& failure) {
    log(failure.message());
  }
}

void DirectoryStorage::make_young(const DirectoryRepository& repository,
                                  const oci::Digest& digest) {
  const auto info = try_stat(repository.blob(digest));
  if (!info) return;
  std::int64_t kept_at = seconds_of(written_at(*info));
  if (kept_at <= fresh_since()) {
    kept_at = seconds_of(std::chrono::system_clock::now());
    if (!touch(repository.blob(digest))) return;
  }
  for (const std::string& key : {blob_key(digest), manifest_key(digest)})
    if (const auto entry = find_hot(repository.name, key)) entry->kept_at = kept_at;
}

// ---- repositories ------------------------------------------------------------------------------

bool DirectoryStorage::has_repository(const std::string& repository) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in && in->exists();
}

std::vector<std::string> DirectoryStorage::repositories(const std::string& last,
                                                        std::size_t limit) {
  std::vector<std::string> names = repositories_.list();
  names.erase(names.begin(), std::upper_bound(names.begin(), names.end(), last));
  if (names.size() > limit) names.resize(limit);
  return names;
}

void DirectoryStorage::on_growth(OnGrowth call) {
  pool_.on_growth(std::move(call));
}

Stored DirectoryStorage::stored() {
  return pool_.stored();
}

std::uint64_t DirectoryStorage::size_of(const std::string& repository) {
  std::uint64_t size = 0;
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return size;
  for (const LayoutBlob& blob : list_layout_blobs(in->layout()))
    if (const auto info = try_stat(blob.path)) size += static_cast<std::uint64_t>(info->st_size);
  return size;
}

// ---- blobs and uploads -------------------------------------------------------------------------

std::optional<Content> DirectoryStorage::find_blob(const std::string& repository,
                                                   const oci::Digest& digest, Use use) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return std::nullopt;
  std::optional<Content> large;
  const auto small = hot(*in, blob_key(digest), [&]() -> std::shared_ptr<const HotEntry> {
    if (in->is_only_manifest(digest)) return nullptr;
    large = try_content(in->blob(digest));
    if (!large || content_length(*large) > HotCache::kMaxContent) return nullptr;
    return make_hot({}, {}, in_memory(*large));
  });
  if (use == Use::kKeep && (small || large)) keep(*in, digest, small.get());
  if (small) return small->content;
  return large;
}

// Of what is pushed this is asked for each blob, and its bytes by nobody.
std::optional<std::uint64_t> DirectoryStorage::blob_size(const std::string& repository,
                                                         const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return std::nullopt;
  const auto info = try_stat(in->blob(digest));
  if (!info || in->is_only_manifest(digest)) return std::nullopt;
  return static_cast<std::uint64_t>(info->st_size);
}

bool DirectoryStorage::mount_blob(const std::string& repository, const std::string& from,
                                  const oci::Digest& digest) {
  std::string source = pool_.path(digest);
  if (!from.empty()) {
    const DirectoryRepositoryPtr other = repositories_.find(from);
    if (!other || other->is_only_manifest(digest)) return false;
    source = other->blob(digest);
  }
  if (!try_stat(source)) return false;
  const DirectoryRepositoryPtr in = repositories_.require(repository);
  const Lock lock(in->mutex);
  return pool_.link(*in, source, digest);
}

bool DirectoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return false;
  const Lock lock(in->mutex);
  if (!try_stat(in->manifest(digest))) return pool_.drop(*in, digest);
  const bool removed = try_unlink(in->both(digest));  // the manifest stays
  ++in->generation;
  return removed;
}

std::string DirectoryStorage::begin_upload(const std::string& repository, HashAlgorithm algorithm) {
  return uploads_.begin(repositories_.require(repository), algorithm);
}

FoundUpload DirectoryStorage::find_upload(const std::string& repository,
                                          const std::string& session) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in ? uploads_.find(in, session) : FoundUpload{};
}

std::optional<std::uint64_t> DirectoryStorage::upload_size(const std::string& repository,
                                                           const std::string& session) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in ? DirectoryUploads::size(*in, session) : std::nullopt;
}

// ---- records -----------------------------------------------------------------------------------

std::optional<StoredManifest> DirectoryStorage::find_manifest(const std::string& repository,
                                                              const oci::Digest& digest, Use use) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return std::nullopt;
  std::optional<StoredManifest> large;
  const auto small = hot(*in, manifest_key(digest), [&]() -> std::shared_ptr<const HotEntry> {
    const std::optional<std::string> media_type = try_read(in->manifest(digest));
    std::optional<Content> content = try_content(in->blob(digest));
    if (!media_type || !content) return nullptr;
    large = StoredManifest{*media_type, *std::move(content)};
    if (content_length(large->content) > HotCache::kMaxContent) return nullptr;
    return make_hot({}, *media_type, in_memory(large->content));
  });
  if (use == Use::kKeep && (small || large)) keep(*in, digest, small.get());
  if (small) return StoredManifest{small->media_type, small->content};
  return large;
}

std::optional<oci::Digest> DirectoryStorage::find_tag(const std::string& repository,
                                                      const std::string& tag) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return std::nullopt;
  const auto found = hot(*in, tag_key(tag), [&]() -> std::shared_ptr<const HotEntry> {
    const std::optional<oci::Digest> target = records_.find_tag(*in, tag);
    return target ? make_hot(target, {}, {}) : nullptr;
  });
  return found ? found->target : std::nullopt;
}

std::vector<std::string> DirectoryStorage::tags(const std::string& repository) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in ? records_.tags(*in) : std::vector<std::string>{};
}

std::vector<oci::Digest> DirectoryStorage::manifests(const std::string& repository) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in ? records_.manifests(*in) : std::vector<oci::Digest>{};
}

std::vector<Referrer> DirectoryStorage::referrers(const std::string& repository,
                                                  const oci::Digest& subject) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  return in ? records_.referrers(*in, subject) : std::vector<Referrer>{};
}

bool DirectoryStorage::put_manifest(const std::string& repository, const NewManifest& manifest) {
  const DirectoryRepositoryPtr in = repositories_.require(repository);
  const Lock lock(in->mutex);
  return records_.put(in, manifest);
}

bool DirectoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return false;
  const Lock lock(in->mutex);
  return records_.remove(in, digest);
}

void DirectoryStorage::put_tag(const std::string& repository, const std::string& tag,
                               const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = repositories_.require(repository);
  const Lock lock(in->mutex);
  records_.put_tag(in, tag, digest);
}

bool DirectoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  const DirectoryRepositoryPtr in = repositories_.find(repository);
  if (!in) return false;
  const Lock lock(in->mutex);
  return records_.remove_tag(in, tag);
}

}  // namespace tote::testregistry

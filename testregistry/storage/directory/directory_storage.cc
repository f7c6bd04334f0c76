#include "testregistry/storage/directory/directory_storage.h"

#include "base/error.h"
#include "testregistry/storage/directory/directory_collection.h"
#include "testregistry/storage/directory/directory_upload.h"
#include "testregistry/storage/directory/layout_takeover.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/storage/reachability.h"
#include "testregistry/values/names.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace tote::testregistry {
namespace {

namespace fs = std::filesystem;

// A blob that is younger needs no new time when a client asks for it.
constexpr std::chrono::seconds kFresh{1};
// A descriptor is part of a manifest, whose letters may each have become six.
constexpr std::uint64_t kMaxReferrer = 8 * oci::kMaxManifestSize;
constexpr std::uint64_t kHotBytes = 32U << 20U;

bool is_ours(const std::string& name) {
  return name.starts_with('_');
}

void add_repositories(const std::string& directory, const std::string& name,
                      std::vector<std::string>& names) {
  const bool is_dropped_in = !name.empty() && is_layout(directory);
  bool is_repository = is_dropped_in;
  std::vector<std::string> children;
  for_each_name(directory, [&](const std::string& child) {
    if (is_ours(child))
      is_repository = true;
    else if (is_repository_name(child) && !(is_dropped_in && child == "blobs"))
      children.push_back(child);
  });
  if (is_repository && !name.empty()) names.push_back(name);
  for (const std::string& child : children)
    add_repositories(directory + "/" + child, name.empty() ? child : name + "/" + child, names);
}

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

std::vector<std::string> list_repositories(const std::string& root) {
  std::vector<std::string> names;
  add_repositories(root + "/repositories", "", names);
  std::sort(names.begin(), names.end());
  return names;
}

DirectoryStorage::DirectoryStorage(const fs::path& root, Sync sync,
                                   std::function<void(std::string_view)> log, Writing writing)
    : files_(root.string(), sync),
      log_(std::move(log)),
      root_(files_, writing),
      hot_(kHotBytes),
      hashers_(std::max(2U, std::thread::hardware_concurrency()) - 1),
      layouts_(files_, log_, [this](const DirectoryRepositoryPtr& repository) {
        return take_over_rest(repository);
      }) {
  layouts_.start([this](const std::stop_token& stop) {
    count_pool(stop);
    if (root_.is_writable()) look_at_layouts(stop);
  });
}

void DirectoryStorage::look_at_layouts(const std::stop_token& stop) {
  for (const std::string& name : list_repositories(files_.root())) {
    if (stop.stop_requested()) return;
    try {
      if (const auto repository = find(name)) layouts_.mark_if_stale(repository);
    } catch (const Error& failure) {
      if (log_) log_(fmt::format("repository {}: {}", name, failure.message()));
    }
  }
}

DirectoryStorage::~DirectoryStorage() = default;

Collected DirectoryStorage::collect(const CollectOptions& options, std::stop_token stop) {
  return DirectoryCollection(*this, options, std::move(stop)).run();
}

// ---- repositories ------------------------------------------------------------------------------

DirectoryRepositoryPtr DirectoryStorage::known(const std::string& name) {
  const std::shared_lock lock(mutex_);
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : found->second;
}

DirectoryRepositoryPtr DirectoryStorage::remember(const std::string& name) {
  DirectoryRepositoryPtr repository;
  {
    const std::lock_guard lock(mutex_);
    DirectoryRepositoryPtr& place = repositories_[name];
    if (!place) place = std::make_shared<DirectoryRepository>(files_.root(), name);
    repository = place;
  }
  prepare(repository);
  return repository;
}

// Names that nobody has pushed to are not remembered: there is no end of them.
DirectoryRepositoryPtr DirectoryStorage::find(const std::string& name) {
  if (DirectoryRepositoryPtr repository = known(name)) {
    prepare(repository);
    return repository;
  }
  if (!DirectoryRepository(files_.root(), name).exists()) return nullptr;
  return remember(name);
}

DirectoryRepositoryPtr DirectoryStorage::require(const std::string& name) {
  if (DirectoryRepositoryPtr repository = find(name)) return repository;
  return remember(name);
}

void DirectoryStorage::prepare(const DirectoryRepositoryPtr& repository) {
  if (repository->is_ready) return;
  const std::lock_guard lock(repository->mutex);
  if (repository->is_ready) return;
  if (is_layout(repository->path)) {
    if (!root_.is_writable() && log_)
      log_(fmt::format("{}: a layout can not be taken over where nothing can be written",
                       repository->path));
    if (root_.is_writable() && !try_takeover(repository)) layouts_.look_again(repository);
  }
  repository->is_ready = true;
}

// What the repository has otherwise is not to suffer.
bool DirectoryStorage::try_takeover(const DirectoryRepositoryPtr& repository) {
  std::string failure;
  try {
    return LayoutTakeover(*this, repository).run();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (log_ && failure != repository->takeover_failure)
    log_(fmt::format("the layout at {}: {}", repository->path, failure));
  repository->takeover_failure = failure;
  return false;
}

bool DirectoryStorage::take_over_rest(const DirectoryRepositoryPtr& repository) {
  const std::lock_guard lock(repository->mutex);
  return !is_layout(repository->path) || try_takeover(repository);
}

std::shared_ptr<const HotEntry> DirectoryStorage::find_hot(const std::string& repository,
                                                           const std::string& reference) {
  const DirectoryRepositoryPtr in = known(repository);
  return in && in->is_ready ? hot_.find(repository + reference, in->generation) : nullptr;
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

bool DirectoryStorage::has_repository(const std::string& repository) {
  const DirectoryRepositoryPtr in = find(repository);
  return in && in->exists();
}

std::vector<std::string> DirectoryStorage::repositories(const std::string& last,
                                                        std::size_t limit) {
  std::vector<std::string> names = list_repositories(files_.root());
  names.erase(names.begin(), std::upper_bound(names.begin(), names.end(), last));
  if (names.size() > limit) names.resize(limit);
  return names;
}

void DirectoryStorage::grew(const DirectoryRepository& repository, std::int64_t bytes) const {
  const std::lock_guard lock(growth_mutex_);
  if (on_growth_ && bytes != 0) on_growth_(repository.name, bytes);
}

void DirectoryStorage::on_growth(OnGrowth call) {
  const std::lock_guard lock(growth_mutex_);
  on_growth_ = std::move(call);
}

std::uint64_t DirectoryStorage::size_of(const std::string& repository) {
  std::uint64_t size = 0;
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return size;
  for (const LayoutBlob& blob : list_layout_blobs(in->layout()))
    if (const auto info = try_stat(blob.path)) size += static_cast<std::uint64_t>(info->st_size);
  return size;
}

// ---- blobs -------------------------------------------------------------------------------------

// Two more levels of directories would serve nobody: file systems of today index large ones.
std::string DirectoryStorage::pool_path(const oci::Digest& digest) const {
  return files_.root() + "/blobs/" + digest_path(digest);
}

// Beside requests: what they add meanwhile may count twice, which is seen in metrics alone.
void DirectoryStorage::count_pool(const std::stop_token& stop) {
  for (const LayoutBlob& blob : list_layout_blobs(files_.root())) {
    if (stop.stop_requested()) return;
    const auto info = try_stat(blob.path);
    if (!info) continue;
    ++pooled_blobs_;
    pooled_bytes_ += info->st_size;
  }
}

Stored DirectoryStorage::stored() {
  const auto counted = [](std::int64_t n) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0));
  };
  return {counted(pooled_blobs_), counted(pooled_bytes_)};
}

// `aside` loses its name in the moment in which the pool gets it, so that no upload session can
// ever write to what is a blob already, wherever the process is killed.
void DirectoryStorage::adopt(DirectoryRepository& repository, const std::string& aside,
                             const oci::Digest& digest) {
  const std::string pool = pool_path(digest);
  const std::string blob = repository.blob(digest);
  touch(aside);  // too young for garbage collection until the repository has it
  const auto fresh = try_stat(aside);
  if (!fresh) throw Error(ErrorKind::kIo, fmt::format("{} has gone", aside));
  // After a power cut a file may be there and be too short.
  const auto own = try_stat(blob);
  if (own && own->st_size != fresh->st_size) drop_blob(repository, digest);
  {
    const std::shared_lock pool_lock(pool_mutex_);
    const auto pooled = try_stat(pool);
    const bool is_whole = pooled && pooled->st_size == fresh->st_size;
    if (is_whole && files_.link(pool, blob) == Linked::kYes) {
      try_unlink(aside);
    } else {
      files_.rename(aside, pool);
      if (!pooled) {
        ++pooled_blobs_;
        pooled_bytes_ += fresh->st_size;
      }
      if (files_.link(pool, blob) != Linked::kYes)
        throw Error(ErrorKind::kIo, fmt::format("{} can not be given another name", pool));
    }
  }
  touch(blob);
  if (!own || own->st_size != fresh->st_size) grew(repository, fresh->st_size);
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

std::optional<Content> DirectoryStorage::find_blob(const std::string& repository,
                                                   const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  std::optional<Content> large;
  const auto small = hot(*in, blob_key(digest), [&]() -> std::shared_ptr<const HotEntry> {
    if (in->is_only_manifest(digest)) return nullptr;
    large = try_content(in->blob(digest));
    if (!large || content_length(*large) > HotCache::kMaxContent) return nullptr;
    return make_hot({}, {}, in_memory(*large));
  });
  if (small) return small->content;
  return large;
}

bool DirectoryStorage::mount_blob(const std::string& repository, const std::string& from,
                                  const oci::Digest& digest) {
  std::string source = pool_path(digest);
  if (!from.empty()) {
    const DirectoryRepositoryPtr other = find(from);
    if (!other || other->is_only_manifest(digest)) return false;
    source = other->blob(digest);
  }
  if (!try_stat(source)) return false;
  const DirectoryRepositoryPtr in = require(repository);
  const std::lock_guard lock(in->mutex);
  const std::shared_lock pool_lock(pool_mutex_);
  const bool is_new = !try_stat(in->blob(digest));
  if (files_.link(source, in->blob(digest)) != Linked::kYes || !touch(in->blob(digest)))
    return false;
  note_blob(*in, digest);
  if (is_new)
    if (const auto info = try_stat(in->blob(digest))) grew(*in, info->st_size);
  return true;
}

// A blob that is a manifest of the repository too stays when that goes.
void DirectoryStorage::note_blob(DirectoryRepository& repository, const oci::Digest& digest) {
  if (!try_stat(repository.manifest(digest))) return;
  files_.write_record(repository.both(digest), "");
  ++repository.generation;
}

bool DirectoryStorage::drop_blob(DirectoryRepository& repository, const oci::Digest& digest) {
  const auto info = try_stat(repository.blob(digest));
  if (!info || !try_unlink(repository.blob(digest))) return false;
  ++repository.generation;
  grew(repository, -info->st_size);
  return true;
}

bool DirectoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return false;
  const std::lock_guard lock(in->mutex);
  if (!try_stat(in->manifest(digest))) return drop_blob(*in, digest);
  const bool removed = try_unlink(in->both(digest));  // the manifest stays
  ++in->generation;
  return removed;
}

// A client that only asks is not to suffer from a file whose time can not be set.
void DirectoryStorage::keep_blob(const std::string& repository, const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = known(repository);
  if (!in) return;
  try {
    make_young(*in, digest);
  } catch (const Error& failure) {
    if (log_) log_(failure.message());
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

// ---- uploads -----------------------------------------------------------------------------------

std::string DirectoryStorage::begin_upload(const std::string& repository, HashAlgorithm algorithm) {
  std::string name = random_name();
  const DirectoryRepositoryPtr in = require(repository);
  // Under the lock, since garbage collection takes empty directories away.
  const std::lock_guard lock(in->mutex);
  UniqueFd file;
  for (int attempt = 0; !file; ++attempt) {  // a parent that was empty may just be going
    files_.make_directories(in->uploads());
    file =
        UniqueFd(::open(in->upload(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file && (errno != ENOENT || attempt == 8))
      throw io_error(fmt::format("create {}", in->upload(name)));
  }
  const std::lock_guard uploads_lock(in->uploads_mutex);
  in->open_uploads[name] = std::make_shared<OpenUpload>(algorithm);
  return name;
}

FoundUpload DirectoryStorage::find_upload(const std::string& repository,
                                          const std::string& session) {
  if (!is_random_name(session)) return {};
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return {};
  std::shared_ptr<OpenUpload> state;
  {
    const std::lock_guard lock(in->uploads_mutex);
    std::shared_ptr<OpenUpload>& known = in->open_uploads[session];
    if (!known) known = std::make_shared<OpenUpload>(HashAlgorithm::kSha256);
    if (std::exchange(known->busy, true)) return {UploadState::kBusy};
    state = known;
  }
  // Opened only now that it is ours: before, its last holder may have moved it into the pool.
  UniqueFd file(::open(in->upload(session).c_str(), O_RDWR | O_CLOEXEC));
  if (file)
    return {UploadState::kFound, std::make_unique<DirectoryUpload>(
                                     *this, in, session, std::move(file), std::move(state))};
  const bool absent = errno == ENOENT || errno == ENOTDIR;
  const Error failure = io_error(fmt::format("open {}", in->upload(session)));
  const std::lock_guard lock(in->uploads_mutex);
  in->open_uploads.erase(session);
  if (!absent) throw failure;
  return {};
}

std::optional<std::uint64_t> DirectoryStorage::upload_size(const std::string& repository,
                                                           const std::string& session) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in || !is_random_name(session)) return std::nullopt;
  const auto info = try_stat(in->upload(session));
  if (!info) return std::nullopt;
  return static_cast<std::uint64_t>(info->st_size);
}

// ---- manifests, tags, referrers ----------------------------------------------------------------

std::optional<StoredManifest> DirectoryStorage::find_manifest(const std::string& repository,
                                                              const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = find(repository);
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
  if (small) return StoredManifest{small->media_type, small->content};
  return large;
}

bool DirectoryStorage::put_manifest(const std::string& repository, const NewManifest& manifest) {
  const DirectoryRepositoryPtr in = require(repository);
  const std::lock_guard lock(in->mutex);
  for (const oci::Digest& digest : manifest.needed)
    if (!touch(in->blob(digest))) return false;
  if (try_stat(in->blob(manifest.digest)) && !try_stat(in->manifest(manifest.digest)))
    files_.write_record(in->both(manifest.digest), "");  // it was pushed as a blob before
  store_manifest(in, manifest);
  return true;
}

// What others look up by comes after what they would look for.
void DirectoryStorage::store_manifest(const DirectoryRepositoryPtr& repository,
                                      const NewManifest& manifest) {
  adopt(*repository, files_.write_aside(manifest.bytes), manifest.digest);
  if (manifest.subject)
    files_.write_record(fmt::format("{}/{}-{}", repository->referrers(*manifest.subject),
                                    manifest.digest.algorithm_name(), manifest.digest.hex()),
                        manifest.descriptor + "\n" + manifest.artifact_type);
  files_.write_record(repository->manifest(manifest.digest), manifest.media_type);
  for (const std::string& tag : manifest.tags)
    files_.write_record(repository->tag(tag), manifest.digest.str());
  ++repository->generation;
  ++repository->pushes;
  layouts_.mark(repository);
}

bool DirectoryStorage::drop_manifest(const DirectoryRepositoryPtr& repository,
                                     const oci::Digest& digest,
                                     const std::optional<oci::Digest>& subject) {
  if (!try_unlink(repository->manifest(digest))) return false;
  if (subject)
    try_unlink(fmt::format("{}/{}-{}", repository->referrers(*subject), digest.algorithm_name(),
                           digest.hex()));
  if (!try_unlink(repository->both(digest))) drop_blob(*repository, digest);
  ++repository->generation;
  return true;
}

bool DirectoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return false;
  const std::lock_guard lock(in->mutex);
  if (!try_stat(in->manifest(digest))) return false;
  // Tags first: a tag of nothing would be seen, a manifest without a tag is none the worse.
  for (const std::string& tag : tags(repository))
    if (find_tag(repository, tag) == digest) try_unlink(in->tag(tag));
  ++in->generation;
  layouts_.mark(in);
  return drop_manifest(in, digest, subject_of(*in, digest));
}

// Of what a power cut has damaged nothing is known; it can be removed all the same.
std::optional<oci::Digest> DirectoryStorage::subject_of(const DirectoryRepository& repository,
                                                        const oci::Digest& digest) {
  try {
    const auto bytes = try_read(repository.blob(digest), oci::kMaxManifestSize);
    return bytes ? links_of(read_facts(*bytes, digest.str())).subject : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<oci::Digest> DirectoryStorage::manifests(const std::string& repository) {
  std::vector<oci::Digest> digests;
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return digests;
  for (const char* algorithm : {"sha256", "sha512"})
    for_each_name(in->manifests() + "/" + algorithm, [&](const std::string& hex) {
      if (const auto digest = oci::Digest::try_parse(std::string(algorithm) + ":" + hex))
        digests.push_back(*digest);
    });
  std::sort(digests.begin(), digests.end());
  return digests;
}

// A referrer whose manifest is missing was on its way in, or out, when the process was killed.
std::vector<Referrer> DirectoryStorage::referrers(const std::string& repository,
                                                  const oci::Digest& subject) {
  std::vector<Referrer> list;
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return list;
  for_each_name(in->referrers(subject), [&](std::string name) {
    const auto text = try_read(in->referrers(subject) + "/" + name, kMaxReferrer);
    const std::size_t dash = name.find('-');
    if (!text || dash == std::string::npos) return;
    const auto digest = oci::Digest::try_parse(name.replace(dash, 1, ":"));
    const std::size_t line = text->find('\n');
    if (!digest || line == std::string::npos || !try_stat(in->manifest(*digest))) return;
    list.push_back({*digest, text->substr(line + 1), text->substr(0, line)});
  });
  std::sort(list.begin(), list.end(),
            [](const Referrer& a, const Referrer& b) { return a.digest < b.digest; });
  return list;
}

std::optional<oci::Digest> DirectoryStorage::find_tag(const std::string& repository,
                                                      const std::string& tag) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const auto found = hot(*in, tag_key(tag), [&]() -> std::shared_ptr<const HotEntry> {
    const std::optional<std::string> text = try_read(in->tag(tag));
    return text ? make_hot(oci::Digest::parse(*text), {}, {}) : nullptr;
  });
  return found ? found->target : std::nullopt;
}

void DirectoryStorage::put_tag(const std::string& repository, const std::string& tag,
                               const oci::Digest& digest) {
  const DirectoryRepositoryPtr in = require(repository);
  const std::lock_guard lock(in->mutex);
  files_.write_record(in->tag(tag), digest.str());
  ++in->generation;
  ++in->pushes;
  layouts_.mark(in);
}

bool DirectoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return false;
  const std::lock_guard lock(in->mutex);
  const bool removed = try_unlink(in->tag(tag));
  ++in->generation;
  layouts_.mark(in);
  return removed;
}

std::vector<std::string> DirectoryStorage::tags(const std::string& repository) {
  std::vector<std::string> names;
  const DirectoryRepositoryPtr in = find(repository);
  if (!in) return names;
  for_each_name(in->tags(), [&](const std::string& name) {
    if (is_tag_name(name)) names.push_back(name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tote::testregistry

#include "testregistry/storage/memory_storage.h"

#include "base/error.h"
#include "base/stream.h"
#include "testregistry/storage/bundle_links.h"
#include "testregistry/values/random_name.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

Content whole(std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  const std::uint64_t size = shared->size();
  return MemoryRange{std::move(shared), 0, size};
}

std::chrono::steady_clock::time_point now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

// Holds its upload (`busy`) from find_upload() on, so it may write without the lock.
class MemoryStorage::Session final : public UploadSession {
 public:
  Session(MemoryStorage& storage, std::string name, RepositoryPtr repository, std::string session,
          std::shared_ptr<Upload> upload)
      : storage_(storage),
        name_(std::move(name)),
        repository_(std::move(repository)),
        session_(std::move(session)),
        upload_(std::move(upload)) {}
  ~Session() override {
    const std::lock_guard lock(repository_->mutex);
    upload_->busy = false;
    upload_->touched = now();
  }

  std::uint64_t size() override { return upload_->bytes.size(); }
  void append(ConstBytes data) override {
    upload_->hash.update(upload_->bytes.size(), data);
    upload_->bytes.append(as_text(data));
    upload_->size = upload_->bytes.size();
  }

  bool commit(const oci::Digest& digest) override {
    const std::optional<oci::Digest> known = upload_->hash.finish(size(), digest.algorithm());
    if ((known ? *known : oci::Digest::of(as_bytes(upload_->bytes), digest.algorithm())) != digest)
      return false;
    storage_.hold_blob(name_, digest, whole(std::move(upload_->bytes)));
    cancel();
    return true;
  }

  void cancel() override {
    const std::lock_guard lock(repository_->mutex);
    repository_->uploads.erase(session_);
  }

 private:
  MemoryStorage& storage_;
  std::string name_;
  RepositoryPtr repository_;
  std::string session_;
  std::shared_ptr<Upload> upload_;
};

MemoryStorage::RepositoryPtr MemoryStorage::find(const std::string& name) {
  const std::shared_lock lock(mutex_);
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : found->second;
}

MemoryStorage::RepositoryPtr MemoryStorage::require(const std::string& name) {
  if (RepositoryPtr found = find(name)) return found;
  const std::lock_guard lock(mutex_);
  RepositoryPtr& place = repositories_[name];
  if (!place) place = std::make_shared<Repository>();
  return place;
}

std::vector<std::pair<std::string, MemoryStorage::RepositoryPtr>> MemoryStorage::all() {
  const std::shared_lock lock(mutex_);
  return {repositories_.begin(), repositories_.end()};
}

void MemoryStorage::grow(const std::string& repository, std::uint64_t from,
                         std::uint64_t to) const {
  if (on_growth_ && from != to)
    on_growth_(repository, static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from));
}

Content MemoryStorage::shared(const oci::Digest& digest, Content content) {
  const auto* range = std::get_if<MemoryRange>(&content);
  if (range == nullptr || range->length != range->bytes->size()) return content;
  const std::lock_guard lock(bytes_mutex_);
  std::weak_ptr<const std::string>& known = bytes_[digest];
  if (auto bytes = known.lock()) return MemoryRange{bytes, 0, bytes->size()};
  known = range->bytes;
  if (bytes_.size() > bytes_limit_) {
    std::erase_if(bytes_, [](const auto& entry) { return entry.second.expired(); });
    bytes_limit_ = kFewBytes + 2 * bytes_.size();
  }
  return content;
}

Stored MemoryStorage::stored() {
  Stored stored;
  const std::lock_guard lock(bytes_mutex_);
  for (const auto& [digest, known] : bytes_)
    if (const auto bytes = known.lock()) {
      ++stored.blobs;
      stored.bytes += bytes->size();
    }
  return stored;
}

void MemoryStorage::hold_blob(const std::string& repository, const oci::Digest& digest,
                              Content content) {
  const std::uint64_t size = content_length(content);
  content = shared(digest, std::move(content));
  const RepositoryPtr in = require(repository);
  {
    const std::lock_guard lock(in->mutex);
    const auto [place, is_new] = in->blobs.try_emplace(digest, Held{std::move(content)});
    place->second.touched = now();
    if (!is_new) return;
  }
  grow(repository, 0, size);
}

bool MemoryStorage::Repository::is_empty() {
  const std::shared_lock lock(mutex);
  return blobs.empty() && manifests.empty() && uploads.empty();
}

bool MemoryStorage::has_repository(const std::string& repository) {
  const RepositoryPtr in = find(repository);
  return in && !in->is_empty();
}

std::vector<std::string> MemoryStorage::repositories(const std::string& last, std::size_t limit) {
  std::vector<std::string> names;
  for (const auto& [name, repository] : all())
    if (name > last && !repository->is_empty()) names.push_back(name);
  std::sort(names.begin(), names.end());
  if (names.size() > limit) names.resize(limit);
  return names;
}

std::optional<Content> MemoryStorage::find_blob(const std::string& repository,
                                                const oci::Digest& digest) {
  const RepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const std::shared_lock lock(in->mutex);
  const auto found = in->blobs.find(digest);
  if (found == in->blobs.end()) return std::nullopt;
  return found->second.content;
}

std::optional<StoredManifest> MemoryStorage::find_manifest(const std::string& repository,
                                                           const oci::Digest& digest) {
  const RepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const std::shared_lock lock(in->mutex);
  const auto found = in->manifests.find(digest);
  if (found == in->manifests.end()) return std::nullopt;
  return StoredManifest{found->second.media_type, found->second.held.content};
}

std::optional<oci::Digest> MemoryStorage::find_tag(const std::string& repository,
                                                   const std::string& tag) {
  const RepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const std::shared_lock lock(in->mutex);
  const auto found = in->tags.find(tag);
  if (found == in->tags.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> MemoryStorage::tags(const std::string& repository) {
  std::vector<std::string> names;
  const RepositoryPtr in = find(repository);
  if (!in) return names;
  const std::shared_lock lock(in->mutex);
  for (const auto& [tag, digest] : in->tags) names.push_back(tag);
  return names;
}

std::vector<oci::Digest> MemoryStorage::manifests(const std::string& repository) {
  std::vector<oci::Digest> digests;
  const RepositoryPtr in = find(repository);
  if (!in) return digests;
  const std::shared_lock lock(in->mutex);
  for (const auto& [digest, manifest] : in->manifests) digests.push_back(digest);
  return digests;
}

std::vector<Referrer> MemoryStorage::referrers(const std::string& repository,
                                               const oci::Digest& subject) {
  std::vector<Referrer> list;
  const RepositoryPtr in = find(repository);
  if (!in) return list;
  const std::shared_lock lock(in->mutex);
  const auto found = in->referrers.find(subject);
  if (found == in->referrers.end()) return list;
  for (const auto& [digest, referrer] : found->second) list.push_back(referrer);
  return list;
}

std::uint64_t MemoryStorage::size_of(const std::string& repository) {
  const RepositoryPtr in = find(repository);
  if (!in) return 0;
  const std::shared_lock lock(in->mutex);
  std::uint64_t size = 0;
  for (const auto& [digest, held] : in->blobs) size += content_length(held.content);
  for (const auto& [digest, manifest] : in->manifests)
    size += content_length(manifest.held.content);
  return size;
}

bool MemoryStorage::mount_blob(const std::string& repository, const std::string& from,
                               const oci::Digest& digest) {
  std::optional<Content> content;
  if (!from.empty()) {
    content = find_blob(from, digest);
  } else {
    for (const auto& [name, in] : all())
      if ((content = find_blob(name, digest))) break;
  }
  if (!content) return false;
  hold_blob(repository, digest, *std::move(content));
  return true;
}

bool MemoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  const RepositoryPtr in = find(repository);
  if (!in) return false;
  std::uint64_t size = 0;
  {
    const std::lock_guard lock(in->mutex);
    const auto found = in->blobs.find(digest);
    if (found == in->blobs.end()) return false;
    size = content_length(found->second.content);
    in->blobs.erase(found);
  }
  grow(repository, size, 0);
  return true;
}

void MemoryStorage::keep_blob(const std::string& repository, const oci::Digest& digest) {
  const RepositoryPtr in = find(repository);
  if (!in) return;
  const std::lock_guard lock(in->mutex);
  if (const auto found = in->blobs.find(digest); found != in->blobs.end())
    found->second.touched = now();
  if (const auto found = in->manifests.find(digest); found != in->manifests.end())
    found->second.held.touched = now();
}

std::string MemoryStorage::begin_upload(const std::string& repository, HashAlgorithm algorithm) {
  std::string name = random_name();
  const RepositoryPtr in = require(repository);
  const std::lock_guard lock(in->mutex);
  in->uploads[name] = std::make_shared<Upload>(algorithm);
  return name;
}

FoundUpload MemoryStorage::find_upload(const std::string& repository, const std::string& session) {
  const RepositoryPtr in = find(repository);
  if (!in) return {};
  const std::lock_guard lock(in->mutex);
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return {};
  if (std::exchange(found->second->busy, true)) return {UploadState::kBusy};
  return {UploadState::kFound,
          std::make_unique<Session>(*this, repository, in, session, found->second)};
}

std::optional<std::uint64_t> MemoryStorage::upload_size(const std::string& repository,
                                                        const std::string& session) {
  const RepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const std::shared_lock lock(in->mutex);
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return std::nullopt;
  return found->second->size;
}

bool MemoryStorage::Repository::has_all(const std::vector<oci::Digest>& needed) const {
  return std::all_of(needed.begin(), needed.end(), [this](const oci::Digest& digest) {
    return blobs.contains(digest) || manifests.contains(digest);
  });
}

bool MemoryStorage::put_manifest(const std::string& repository, const NewManifest& manifest) {
  const RepositoryPtr in = require(repository);
  Content content = shared(manifest.digest, whole(manifest.bytes));
  {
    const std::lock_guard lock(in->mutex);
    if (!in->has_all(manifest.needed)) return false;
    for (const oci::Digest& digest : manifest.needed)
      if (const auto blob = in->blobs.find(digest); blob != in->blobs.end())
        blob->second.touched = now();
      else
        in->manifests.at(digest).held.touched = now();
    for (const std::string& tag : manifest.tags) in->tags.insert_or_assign(tag, manifest.digest);
    if (manifest.subject)
      in->referrers[*manifest.subject].insert_or_assign(
          manifest.digest, Referrer{manifest.digest, manifest.artifact_type, manifest.descriptor});
    const bool is_new =
        in->manifests
            .insert_or_assign(manifest.digest, HeldManifest{Held{std::move(content)},
                                                            manifest.media_type, manifest.subject})
            .second;
    if (!is_new) return true;
  }
  grow(repository, 0, manifest.bytes.size());
  return true;
}

void MemoryStorage::Repository::drop_manifest(const oci::Digest& digest) {
  const auto found = manifests.find(digest);
  if (found->second.subject) {
    const auto list = referrers.find(*found->second.subject);
    list->second.erase(digest);
    if (list->second.empty()) referrers.erase(list);
  }
  manifests.erase(found);
  std::erase_if(tags, [&](const auto& tag) { return tag.second == digest; });
}

bool MemoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const RepositoryPtr in = find(repository);
  if (!in) return false;
  std::uint64_t size = 0;
  {
    const std::lock_guard lock(in->mutex);
    const auto found = in->manifests.find(digest);
    if (found == in->manifests.end()) return false;
    size = content_length(found->second.held.content);
    in->drop_manifest(digest);
  }
  grow(repository, size, 0);
  return true;
}

void MemoryStorage::put_tag(const std::string& repository, const std::string& tag,
                            const oci::Digest& digest) {
  const RepositoryPtr in = require(repository);
  const std::lock_guard lock(in->mutex);
  in->tags.insert_or_assign(tag, digest);
}

bool MemoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  const RepositoryPtr in = find(repository);
  if (!in) return false;
  const std::lock_guard lock(in->mutex);
  return in->tags.erase(tag) > 0;
}

ManifestLinks MemoryStorage::Repository::read_links(const oci::Digest& digest,
                                                    const Content& manifest, bool with_locks) {
  const ManifestFacts facts = read_facts(
      read_all(*open_content(manifest), oci::kMaxManifestSize, digest.str()), digest.str());
  ManifestLinks links = links_of(facts);
  if (!with_locks) return links;
  const auto open_blob = [&](const oci::Digest& blob) -> std::unique_ptr<Source> {
    const std::shared_lock lock(mutex);
    const auto found = blobs.find(blob);
    return found == blobs.end() ? nullptr : open_content(found->second.content);
  };
  add_bundle_links(facts, open_blob, links);
  return links;
}

LinkMap MemoryStorage::Repository::read_links(bool with_locks, const std::stop_token& stop) {
  std::vector<std::pair<oci::Digest, Content>> all;
  {
    const std::shared_lock lock(mutex);
    for (const auto& [digest, manifest] : manifests)
      all.emplace_back(digest, manifest.held.content);
  }
  LinkMap links;
  for (const auto& [digest, content] : all) {
    if (stop.stop_requested()) throw Cancelled();
    links[digest] = read_links(digest, content, with_locks);
  }
  return links;
}

// Bundles are unpacked before the lock is held. What has come since stays, as all that is new does,
// with everything that it may need.
std::uint64_t MemoryStorage::Repository::collect(const CollectOptions& options,
                                                 const std::unordered_set<oci::Digest>& everywhere,
                                                 Collected& done, const std::stop_token& stop) {
  LinkMap links = read_links(options.untagged, stop);
  const std::lock_guard lock(mutex);
  const std::uint64_t bytes_before = done.bytes;
  const Time cutoff = now() - options.grace;
  Reasons reasons;
  std::erase_if(links, [&](const auto& known) { return !manifests.contains(known.first); });
  for (const auto& [digest, manifest] : manifests) {
    const bool is_new = !links.contains(digest);
    if (is_new) {
      links[digest] = read_links(digest, manifest.held.content, false);
      links[digest].needs_all = options.untagged;  // it may be a bundle
    }
    if (is_new || !options.untagged || manifest.held.touched > cutoff)
      reasons.roots.push_back(digest);
  }
  std::vector<Tag> all_tags;
  for (const auto& [tag, digest] : tags) all_tags.push_back({tag, digest});
  add_tags(
      all_tags, links, [&](const oci::Digest& digest) { return everywhere.contains(digest); },
      reasons);
  const std::unordered_set<oci::Digest> kept = reachable(links, reasons);

  for (const auto& [digest, unused] : links) {
    if (kept.contains(digest)) continue;
    ++done.manifests;
    done.bytes += content_length(manifests.at(digest).held.content);
    if (!options.dry_run) drop_manifest(digest);
  }
  std::erase_if(blobs, [&](const auto& blob) {
    if (kept.contains(blob.first) || blob.second.touched > cutoff) return false;
    ++done.blobs;
    done.bytes += content_length(blob.second.content);
    return !options.dry_run;
  });
  const std::uint64_t shrunk = done.bytes - bytes_before;
  std::erase_if(uploads, [&](const auto& upload) {
    if (upload.second->busy || upload.second->touched > now() - options.upload_expiry) return false;
    ++done.uploads;
    done.bytes += upload.second->size;
    return !options.dry_run;
  });
  return options.dry_run ? 0 : shrunk;
}

Collected MemoryStorage::collect(const CollectOptions& options, std::stop_token stop) {
  Collected done;
  std::unordered_set<oci::Digest> everywhere;
  for (const auto& [name, repository] : all())
    for (const oci::Digest& digest : manifests(name)) everywhere.insert(digest);
  std::exception_ptr failure;  // of one repository: the others are not to suffer
  for (const auto& [name, repository] : all()) try {
      grow(name, repository->collect(options, everywhere, done, stop), 0);
    } catch (const Error&) {
      failure = std::current_exception();
    }
  if (failure) std::rethrow_exception(failure);
  return done;
}

}  // namespace tote::testregistry

#include "testregistry/storage/directory/directory_collection.h"

#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/storage/bundle_links.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tote::testregistry {
namespace {

constexpr std::size_t kReadAtOnce = 256;
constexpr int kAttempts = 3;  // then the next collection has to do

bool is_empty(const std::string& directory) {
  bool empty = true;
  for_each_name(directory, [&](const std::string&) { empty = false; });
  return empty;
}

bool is_empty_of_digests(const std::string& directory) {
  return is_empty(directory + "/sha256") && is_empty(directory + "/sha512");
}

template <class Action>
class AtEnd {
 public:
  explicit AtEnd(Action action) : action_(std::move(action)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { action_(); }

 private:
  Action action_;
};

void remove_empty_directories(const std::string& path) {
  for_each_name(path,
                [&](const std::string& name) { remove_empty_directories(path + "/" + name); });
  ::rmdir(path.c_str());
}

}  // namespace

DirectoryCollection::DirectoryCollection(const Parts& parts, const CollectOptions& options,
                                         std::stop_token stop)
    : parts_(parts),
      options_(options),
      stop_(std::move(stop)),
      readers_(std::max(2U, std::thread::hardware_concurrency()) - 1),
      upload_cutoff_(std::chrono::system_clock::now() - options.upload_expiry) {}

Collected DirectoryCollection::run() {
  const std::vector<std::string> names = parts_.repositories.list();
  std::size_t looked_at = 0;
  for (const std::string& name : names) {
    if (options_.on_repository) options_.on_repository(looked_at++, names.size());
    try {
      if (const DirectoryRepositoryPtr repository = parts_.repositories.find(name))
        collect_repository(repository);
    } catch (const Error& failure) {
      // Nothing of it goes then; the others are not to suffer.
      log(fmt::format("collecting {}: {}", name, failure.message()));
    }
  }
  collect_pool();
  return done_;
}

void DirectoryCollection::stop_if_asked() const {
  if (stop_.stop_requested()) throw Cancelled();
}

void DirectoryCollection::collect_repository(const DirectoryRepositoryPtr& repository) {
  const std::uint64_t before = done_.manifests;
  const AtEnd mark([&] {  // also when it is interrupted
    if (done_.manifests > before && !options_.dry_run) parts_.layouts.mark(repository);
  });
  for (int attempt = 0; attempt < kAttempts && !mark_and_sweep(repository); ++attempt) {
  }
  drop_dangling_referrers(*repository);
  drop_uploads(repository);
  drop_if_empty(*repository);
}

// False: a push came in between that may keep more than what it names itself, by a tag on what had
// none. What was found to be kept holds no longer.
bool DirectoryCollection::mark_and_sweep(const DirectoryRepositoryPtr& repository) {
  {
    // A push that holds the lock has set the time of what it needs already, and is not listed yet.
    const Lock lock(repository->mutex);
    cutoff_ = std::chrono::system_clock::now() - options_.grace;
    pushes_ = repository->pushes;
  }
  Reasons reasons;
  const LinkMap links = read_links(*repository, reasons.roots);
  const auto is_elsewhere = [&](const oci::Digest& digest) {
    return try_stat(parts_.pool.path(digest)).has_value();
  };
  const std::vector<Tag> tags = tags_of(*repository);
  add_tags(tags, links, is_elsewhere, reasons);
  tags_.clear();
  for (const Tag& tag : tags) tags_.emplace(tag.target, tag.name);
  const std::unordered_set<oci::Digest> kept = reachable(links, reasons);
  for (const LayoutBlob& blob : list_layout_blobs(repository->layout())) {
    stop_if_asked();
    if (kept.contains(blob.digest)) continue;
    const auto known = links.find(blob.digest);
    if (!drop(repository, blob, known == links.end() ? nullptr : &known->second)) return false;
    release_.let_go();
  }
  return true;
}

std::vector<Tag> DirectoryCollection::tags_of(const DirectoryRepository& repository) const {
  std::vector<Tag> tags;
  for (const std::string& name : parts_.records.tags(repository))
    if (const auto digest = parts_.records.find_tag(repository, name))
      tags.push_back({name, *digest});
  return tags;
}

// nullopt: it has gone.
std::optional<DirectoryCollection::Seen> DirectoryCollection::read_manifest(
    const DirectoryRepository& repository, const oci::Digest& digest) const {
  const std::string path = repository.blob(digest);
  const auto bytes = try_read(path, oci::kMaxManifestSize);
  const auto info = try_stat(path);
  if (!bytes || !info) return std::nullopt;
  const ManifestFacts facts = read_facts(*bytes, "manifest " + digest.str());
  Seen seen{links_of(facts), written_at(*info)};
  if (!options_.untagged) return seen;
  // Where every manifest stays, no bundle has to keep one.
  const auto open_blob = [&](const oci::Digest& blob) -> std::unique_ptr<Source> {
    const auto content = try_content(repository.blob(blob));
    return content ? open_content(*content) : nullptr;
  };
  if (const std::string why = add_bundle_links(facts, open_blob, seen.links); !why.empty())
    log(fmt::format("collecting {}: bundle {}: {}; as long as it stays, so does all else",
                    repository.name, digest.str(), why));
  return seen;
}

// In the order of `digests`, by all threads that are free; nullopt for what has gone.
std::vector<std::optional<DirectoryCollection::Seen>> DirectoryCollection::read_manifests(
    const DirectoryRepository& repository, const std::vector<oci::Digest>& digests) const {
  std::vector<std::optional<Seen>> seen(digests.size());
  TaskGroup readers(readers_, stop_);
  for (std::size_t begin = 0; begin < digests.size(); begin += kReadAtOnce)
    readers.run([&, begin](const std::stop_token& stop) {
      const std::size_t end = std::min(begin + kReadAtOnce, digests.size());
      for (std::size_t i = begin; i < end && !stop.stop_requested(); ++i)
        seen[i] = read_manifest(repository, digests[i]);
    });
  readers.wait();
  return seen;
}

// `roots` gets what stays for other reasons than a tag.
LinkMap DirectoryCollection::read_links(const DirectoryRepository& repository,
                                        std::vector<oci::Digest>& roots) const {
  LinkMap links;
  const std::vector<oci::Digest> digests = parts_.records.manifests(repository);
  std::vector<std::optional<Seen>> seen = read_manifests(repository, digests);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (!seen[i]) continue;
    links[digests[i]] = std::move(seen[i]->links);
    if (!options_.untagged || seen[i]->written_at > cutoff_) roots.push_back(digests[i]);
  }
  return links;
}

// False: see mark_and_sweep().
// `links`: of a manifest that was there when it began.
bool DirectoryCollection::drop(const DirectoryRepositoryPtr& repository, const LayoutBlob& blob,
                               const ManifestLinks* links) {
  const Lock lock(repository->mutex);
  if (options_.untagged && repository->pushes != pushes_) return false;
  const auto info = try_stat(blob.path);
  if (!info || written_at(*info) > cutoff_) return true;
  const bool is_manifest = links != nullptr;
  // One that has just come; its blob may be older.
  if (!is_manifest && try_stat(repository->manifest(blob.digest))) return true;
  ++(is_manifest ? done_.manifests : done_.blobs);
  if (info->st_nlink == 1) done_.bytes += static_cast<std::uint64_t>(info->st_size);
  if (options_.dry_run) {
    ++taken_[info->st_ino];
    return true;
  }
  if (is_manifest) {
    release_.hold(repository->manifest(blob.digest));
    drop_tags(*repository, blob.digest);
    parts_.records.drop(repository, blob.digest, links->subject);
  } else {
    parts_.pool.drop(*repository, blob.digest);
  }
  return true;
}

// Those that only name a digest; first, since a tag of nothing would be seen.
void DirectoryCollection::drop_tags(DirectoryRepository& repository, const oci::Digest& target) {
  const auto [begin, end] = tags_.equal_range(target);
  for (auto tag = begin; tag != end; ++tag) try_unlink(repository.tag(tag->second));
}

// Records that a killed process left behind.
void DirectoryCollection::drop_dangling_referrers(DirectoryRepository& repository) {
  if (options_.dry_run) return;
  for (const char* algorithm : {"sha256", "sha512"}) {
    const std::string folder = repository.referrers() + "/" + algorithm;
    for_each_name(folder, [&](const std::string& subject) {
      const std::string list = folder + "/" + subject;
      for_each_name(list, [&](const std::string& name) {
        std::string text = name;
        const std::size_t dash = text.find('-');
        if (dash != std::string::npos) text[dash] = ':';
        const auto digest = oci::Digest::try_parse(text);
        const Lock lock(repository.mutex);
        if (!digest || !try_stat(repository.manifest(*digest))) try_unlink(list + "/" + name);
      });
      const Lock lock(repository.mutex);
      ::rmdir(list.c_str());  // if it is empty
    });
  }
}

void DirectoryCollection::drop_uploads(const DirectoryRepositoryPtr& repository) {
  for_each_name(repository->uploads(), [&](const std::string& session) {
    const auto info = try_stat(repository->upload(session));
    if (!info || written_at(*info) > upload_cutoff_) return;
    const FoundUpload found = parts_.uploads.find(repository, session);
    const auto still = try_stat(repository->upload(session));
    if (!found.session || !still || written_at(*still) > upload_cutoff_) return;  // it goes on
    ++done_.uploads;
    done_.bytes += found.session->size();
    if (!options_.dry_run) found.session->cancel();
  });
}

void DirectoryCollection::drop_if_empty(DirectoryRepository& repository) {
  const Lock lock(repository.mutex);
  if (!repository.exists() || !is_empty_of_digests(repository.blobs()) ||
      !is_empty_of_digests(repository.manifests()) || !is_empty(repository.uploads()))
    return;
  ++done_.repositories;
  if (options_.dry_run) return;
  try_unlink(repository.layout() + "/index.json");
  try_unlink(repository.layout() + "/oci-layout");
  for (const std::string& part :
       {repository.layout(), repository.manifests(), repository.tags(), repository.referrers(),
        repository.uploads(), repository.path + "/_both"})
    remove_empty_directories(part);
  // Parents that hold no other repository; the first that does ends it.
  const std::size_t top = parts_.files.root().size() + std::string_view("/repositories").size();
  for (std::string path = repository.path; path.size() > top && ::rmdir(path.c_str()) == 0;)
    path.resize(path.rfind('/'));
}

void DirectoryCollection::collect_pool() {
  cutoff_ = std::chrono::system_clock::now() - options_.grace;
  const auto before_each = [this] {
    stop_if_asked();
    release_.let_go();
  };
  parts_.pool.sweep(before_each, [this](const std::string& path, const struct stat& info) {
    if (written_at(info) > cutoff_) return false;
    const auto taken = taken_.find(info.st_ino);
    if (info.st_nlink - (taken == taken_.end() ? 0 : taken->second) > 1) return false;
    done_.bytes += static_cast<std::uint64_t>(info.st_size);
    if (options_.dry_run) return false;
    release_.hold(path);
    return true;
  });
}

void DirectoryCollection::log(const std::string& line) const {
  if (parts_.log) parts_.log(line);
}

}  // namespace tote::testregistry

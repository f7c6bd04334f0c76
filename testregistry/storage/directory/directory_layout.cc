#include "testregistry/storage/directory/directory_layout.h"

#include "base/error.h"
#include "base/mutex.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <map>
#include <unordered_set>
#include <vector>

namespace tote::testregistry {
namespace {

constexpr std::chrono::milliseconds kMoment{1000};
// A large repository may not keep the disk busy with its index.json.
constexpr int kRestPerWork = 10;

// nullopt: it went meanwhile.
std::optional<std::string> entry_of(const DirectoryRepository& repository,
                                    const oci::Digest& digest, const std::string& tag) {
  const auto media_type = try_read(repository.manifest(digest));
  const auto info = try_stat(repository.blob(digest));
  if (!media_type || !info) return std::nullopt;
  std::map<std::string, std::string> annotations;
  if (!tag.empty()) annotations.emplace("org.opencontainers.image.ref.name", tag);
  JsonWriter json;
  return oci::begin_descriptor(json,
                               {*media_type, digest, static_cast<std::uint64_t>(info->st_size)},
                               oci::DescriptorOrder::kDigestFirst)
      .member_unless_empty("annotations", annotations)
      .end_object()
      .take();
}

std::vector<std::string> sorted_names(const std::string& directory) {
  std::vector<std::string> names;
  for_each_name(directory, [&](const std::string& name) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  return names;
}

// Tags first, then what no tag names.
std::vector<std::string> entries_of(const DirectoryRepository& repository) {
  std::vector<std::string> entries;
  std::unordered_set<oci::Digest> tagged;
  const auto add = [&](const oci::Digest& digest, const std::string& tag) {
    if (auto entry = entry_of(repository, digest, tag)) entries.push_back(*std::move(entry));
  };
  for (const std::string& tag : sorted_names(repository.tags()))
    if (const auto digest = oci::Digest::try_parse(try_read(repository.tag(tag)).value_or(""))) {
      tagged.insert(*digest);
      add(*digest, tag);
    }
  for (const std::string& algorithm : sorted_names(repository.manifests()))
    for (const std::string& hex : sorted_names(repository.manifests() + "/" + algorithm))
      if (const auto digest = oci::Digest::try_parse(algorithm + ":" + hex);
          digest && !tagged.contains(*digest))
        add(*digest, "");
  return entries;
}

}  // namespace

LayoutKeeper::~LayoutKeeper() {
  thread_ = {};  // asks for its end and waits
  write_marked();
}

void LayoutKeeper::start(std::function<void(const std::stop_token&)> at_start) {
  thread_ = std::jthread([this, at_start = std::move(at_start)](const std::stop_token& stop) {
    try {
      at_start(stop);
    } catch (const std::exception& failure) {
      if (log_) log_(failure.what());
    }
    work(stop);
  });
}

void LayoutKeeper::mark(DirectoryRepositoryPtr repository) {
  const Lock lock(mutex_);
  const bool wake = marked_.empty();
  marked_.insert(std::move(repository));
  if (wake) changed_.notify_one();
}

void LayoutKeeper::look_again(DirectoryRepositoryPtr repository) {
  const Lock lock(mutex_);
  unfinished_.insert(std::move(repository));
  changed_.notify_one();
}

void LayoutKeeper::take_over_unfinished() {
  std::set<DirectoryRepositoryPtr> unfinished;
  {
    const Lock lock(mutex_);
    unfinished = unfinished_;
  }
  for (const DirectoryRepositoryPtr& repository : unfinished) try {
      if (!take_over_rest_(repository)) continue;
      const Lock lock(mutex_);
      unfinished_.erase(repository);
    } catch (const std::exception& failure) {
      if (log_) log_(fmt::format("layout of {}: {}", repository->name, failure.what()));
    }
}

void LayoutKeeper::mark_if_stale(const DirectoryRepositoryPtr& repository) {
  const auto index = try_stat(repository->layout() + "/index.json");
  for (const std::string& records : {repository->tags(), repository->manifests() + "/sha256",
                                     repository->manifests() + "/sha512"}) {
    const auto changed = try_stat(records);
    if (changed && (!index || written_at(*changed) >= written_at(*index))) return mark(repository);
  }
}

void LayoutKeeper::work(const std::stop_token& stop) {
  std::chrono::steady_clock::duration rest = kMoment;
  while (!stop.stop_requested()) {
    Lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this]() TOTE_REQUIRES(mutex_) {
          return !marked_.empty() || !unfinished_.empty();
        }))
      return;
    changed_.wait_for(lock, stop, rest, [] { return false; });
    lock.unlock();
    if (stop.stop_requested()) return;
    const auto begun = std::chrono::steady_clock::now();
    take_over_unfinished();
    write_marked();
    rest = std::max<std::chrono::steady_clock::duration>(
        kMoment, kRestPerWork * (std::chrono::steady_clock::now() - begun));
  }
}

void LayoutKeeper::write_marked() {
  std::set<DirectoryRepositoryPtr> taken;
  {
    const Lock lock(mutex_);
    taken.swap(marked_);
  }
  for (const DirectoryRepositoryPtr& repository : taken) try {
      { const Lock until_who_marked_it_is_done(repository->mutex); }
      write_index(*repository);
    } catch (const std::exception& failure) {
      if (log_) log_(fmt::format("index.json of {}: {}", repository->name, failure.what()));
    }
}

void LayoutKeeper::write_index(DirectoryRepository& repository) const {
  // A record that comes while the records are read is newer than this.
  timespec begun{};
  ::clock_gettime(CLOCK_REALTIME, &begun);
  const std::string aside =
      files_.write_aside(oci::encode_index(oci::kOciIndex, entries_of(repository)) + "\n");
  const timespec times[2] = {begun, begun};
  ::utimensat(AT_FDCWD, aside.c_str(), times, 0);
  const Lock lock(repository.mutex);
  if (!try_stat(repository.manifests())) {  // collected
    try_unlink(aside);
    return;
  }
  if (!try_stat(repository.layout() + "/oci-layout"))
    files_.write_record(repository.layout() + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  files_.rename(aside, repository.layout() + "/index.json");
}

}  // namespace tote::testregistry

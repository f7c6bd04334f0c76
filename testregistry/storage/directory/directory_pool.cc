#include "testregistry/storage/directory/directory_pool.h"

#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace tote::testregistry {
namespace {

constexpr std::size_t kCompared = 256 * 1024;

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool have_same_bytes(const std::string& a, const std::string& b) {
  const FilePtr files[] = {open_for_reading(a), open_for_reading(b)};
  std::vector<std::byte> bytes(kCompared);
  std::vector<std::byte> others(kCompared);
  for (std::uint64_t at = 0;; at += kCompared) {
    const std::size_t n = files[0]->read_at(bytes, at);
    if (files[1]->read_at(others, at) != n) return false;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n), others.begin()))
      return false;
    if (n < kCompared) return true;
  }
}

}  // namespace

// Two more levels of directories would serve nobody: file systems of today index large ones.
std::string DirectoryPool::path(const oci::Digest& digest) const {
  return files_.root() + "/blobs/" + digest_path(digest);
}

// `aside` loses its name in the moment in which the pool gets it, so that no upload session can
// ever write to what is a blob already, wherever the process is killed.
void DirectoryPool::adopt(DirectoryRepository& repository, const std::string& aside,
                          const oci::Digest& digest) {
  const std::string pool = path(digest);
  const std::string blob = repository.blob(digest);
  touch(aside);  // too young for garbage collection until the repository has it
  const auto fresh = try_stat(aside);
  if (!fresh) throw Error(ErrorKind::kIo, fmt::format("{} has gone", aside));
  // What is there already may be damaged: too short after a power cut, or spoiled by the disk. Who
  // sends a blob that the pool has is seldom, since clients ask first, and may have seen just that.
  const auto own = try_stat(blob);
  const bool is_right = own && own->st_size == fresh->st_size && have_same_bytes(blob, aside);
  if (own && !is_right) drop(repository, digest);
  {
    const ReadLock lock(mutex_);
    const auto pooled = try_stat(pool);
    const auto is_known_as_right = [&] {
      return own && is_same_file(*own, *pooled) ? is_right : have_same_bytes(pool, aside);
    };
    const bool is_whole = pooled && pooled->st_size == fresh->st_size && is_known_as_right();
    if (is_whole && files_.link(pool, blob) == Linked::kYes) {
      try_unlink(aside);
      touch(blob);
    } else {
      files_.rename(aside, pool);
      if (!pooled) {
        ++blobs_;
        bytes_ += fresh->st_size;
      }
      if (files_.link(pool, blob) != Linked::kYes)
        throw Error(ErrorKind::kIo, fmt::format("{} can not be given another name", pool));
    }
  }
  if (!is_right) grew(repository, fresh->st_size);
}

bool DirectoryPool::link(DirectoryRepository& repository, const std::string& from,
                         const oci::Digest& digest) {
  const std::string blob = repository.blob(digest);
  const ReadLock lock(mutex_);
  const bool is_new = !try_stat(blob);
  if (files_.link(from, blob) != Linked::kYes || !touch(blob)) return false;
  note_blob(repository, digest);
  if (is_new)
    if (const auto info = try_stat(blob)) grew(repository, info->st_size);
  return true;
}

void DirectoryPool::note_blob(DirectoryRepository& repository, const oci::Digest& digest) const {
  if (!try_stat(repository.manifest(digest))) return;
  files_.write_record(repository.both(digest), "");
  ++repository.generation;
}

bool DirectoryPool::drop(DirectoryRepository& repository, const oci::Digest& digest) const {
  const auto info = try_stat(repository.blob(digest));
  if (!info || !try_unlink(repository.blob(digest))) return false;
  ++repository.generation;
  grew(repository, -info->st_size);
  return true;
}

void DirectoryPool::grew(const DirectoryRepository& repository, std::int64_t bytes) const {
  const Lock lock(growth_mutex_);
  if (on_growth_ && bytes != 0) on_growth_(repository.name, bytes);
}

void DirectoryPool::on_growth(Upkeep::OnGrowth call) {
  const Lock lock(growth_mutex_);
  on_growth_ = std::move(call);
}

// What requests add meanwhile may count twice, which is seen in metrics alone.
void DirectoryPool::count(const std::stop_token& stop) {
  for (const LayoutBlob& blob : list_layout_blobs(files_.root())) {
    if (stop.stop_requested()) return;
    const auto info = try_stat(blob.path);
    if (!info) continue;
    ++blobs_;
    bytes_ += info->st_size;
  }
}

Stored DirectoryPool::stored() const {
  const auto counted = [](std::int64_t n) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0));
  };
  return {counted(blobs_), counted(bytes_)};
}

void DirectoryPool::sweep(const std::function<void()>& before_each, const Takes& takes) {
  for (const char* algorithm : {"sha256", "sha512"}) {
    const std::string folder = files_.root() + "/blobs/" + algorithm;
    for_each_name(folder, [&](const std::string& name) {
      before_each();
      const std::string file = folder + "/" + name;
      const WriteLock lock(mutex_);
      const auto info = try_stat(file);
      if (!info || !takes(file, *info)) return;
      try_unlink(file);
      --blobs_;
      bytes_ -= info->st_size;
    });
  }
}

}  // namespace tote::testregistry

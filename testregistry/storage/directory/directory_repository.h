// A repository of the directory storage: where its files are (docs/formats.md), and what this
// process knows of it. Part of DirectoryStorage.
#pragma once

#include "base/mutex.h"
#include "oci/digest.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/trailing_hash.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace tote::testregistry {

// What is known of an upload session that some request has touched since the start.
struct OpenUpload {
  explicit OpenUpload(HashAlgorithm algorithm) : hash(algorithm) {}
  bool busy = false;
  TrailingHash hash;
};

// A digest as two components of a path: "sha256/9f86...".
inline std::string digest_path(const oci::Digest& digest) {
  return std::string(digest.algorithm_name()) + "/" + digest.hex();
}

// Of a file that may still be written.
struct FileState {
  off_t size = -1;
  std::chrono::system_clock::time_point written_at = {};
  bool operator==(const FileState&) const = default;
};

struct DirectoryRepository {
  DirectoryRepository(const std::string& root, std::string repository_name)
      : name(std::move(repository_name)), path(root + "/repositories/" + name) {}

  std::string layout() const { return path + "/_layout"; }
  std::string blobs() const { return path + "/_layout/blobs"; }
  std::string blob(const oci::Digest& digest) const { return blobs() + "/" + digest_path(digest); }
  std::string manifests() const { return path + "/_manifests"; }
  std::string manifest(const oci::Digest& digest) const {
    return manifests() + "/" + digest_path(digest);
  }
  // Marks what is a blob and a manifest, each pushed as such.
  std::string both(const oci::Digest& digest) const {
    return path + "/_both/" + digest_path(digest);
  }
  bool is_only_manifest(const oci::Digest& digest) const {
    return try_stat(manifest(digest)) && !try_stat(both(digest));
  }
  std::string tags() const { return path + "/_tags"; }
  std::string tag(const std::string& tag) const { return tags() + "/" + tag; }
  std::string referrers() const { return path + "/_referrers"; }
  std::string referrers(const oci::Digest& subject) const {
    return referrers() + "/" + digest_path(subject);
  }
  std::string uploads() const { return path + "/_uploads"; }
  std::string upload(const std::string& session) const { return uploads() + "/" + session; }

  // Somebody has pushed to it, or dropped a layout in.
  bool exists() const {
    return try_stat(layout()) || try_stat(uploads()) || try_stat(manifests()) || is_layout(path);
  }

  const std::string name;
  const std::string path;
  // Held to change records; reading needs no lock, since every change is one rename or unlink.
  Mutex mutex;
  // Counted up when a tag has moved or anything has gone (hot_cache.h).
  std::atomic<std::uint64_t> generation = 0;
  // Counted up, under the lock, when a manifest or tag has come.
  std::atomic<std::uint64_t> pushes = 0;
  // A layout that was dropped in has been taken over.
  std::atomic<bool> is_ready = false;
  // Of such a layout, what was looked at and not taken over. Guarded by mutex, which whoever runs
  // a LayoutTakeover holds.
  std::map<std::string, FileState> refused_blobs;  // by path
  std::string index_seen;                          // index.json as it was left
  std::string takeover_failure;                    // that was logged last
  Mutex uploads_mutex;
  std::map<std::string, std::shared_ptr<OpenUpload>> open_uploads TOTE_GUARDED_BY(uploads_mutex);
};

using DirectoryRepositoryPtr = std::shared_ptr<DirectoryRepository>;

}  // namespace tote::testregistry

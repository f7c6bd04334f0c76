// Where the registry keeps things. Narrow, and without the notion of a local path, so that memory,
// a directory and, later, object storage can stand behind it.
#pragma once

#include "oci/digest.h"
#include "testregistry/values/content.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

struct StoredManifest {
  std::string media_type;
  Content content;
};

// A manifest as the list of its subject's referrers shows it.
struct Referrer {
  oci::Digest digest;
  std::string artifact_type;  // may be empty
  std::string descriptor;     // JSON
};

// A manifest on its way in. Its tags and its place among its subject's referrers are set with it.
struct NewManifest {
  oci::Digest digest;
  std::string media_type;
  std::string bytes;
  std::vector<std::string> tags = {};
  std::optional<oci::Digest> subject = {};
  std::string artifact_type = {};        // what the referrers of `subject` are told
  std::string descriptor = {};           // JSON; likewise
  std::vector<oci::Digest> needed = {};  // blobs and manifests of the repository that it names
};

// A blob on its way in. One request at a time may hold it; the session outlives the request.
class UploadSession {
 public:
  UploadSession() = default;
  UploadSession(const UploadSession&) = delete;
  UploadSession& operator=(const UploadSession&) = delete;
  virtual ~UploadSession() = default;

  virtual std::uint64_t size() = 0;
  virtual void append(ConstBytes data) = 0;
  // Makes the bytes a blob of the repository and ends the session, if they have that digest.
  // False: they have not. Nothing but cancel() may follow.
  virtual bool commit(const oci::Digest& digest) = 0;
  virtual void cancel() = 0;
};

// What find_upload() says of a session that is not there, or that another request holds.
enum class UploadState { kFound, kUnknown, kBusy };
struct FoundUpload {
  UploadState state = UploadState::kUnknown;
  std::unique_ptr<UploadSession> session = {};
};

// Garbage collection: what goes, and what is too young to go.
struct CollectOptions {
  // Nothing that was written, mounted, asked for or needed within this time goes.
  std::chrono::seconds grace{3600};
  // Upload sessions that nobody has written to for this long go.
  std::chrono::seconds upload_expiry{24 * 3600};
  // Manifests go too that no tag reaches: by name, as a child of an index, as a referrer of
  // something that stays, or by the lock of a bundle that stays. A tag that only names a digest
  // (reachability.h) keeps nothing by itself.
  bool untagged = false;
  bool dry_run = false;
};

struct Collected {
  std::uint64_t manifests = 0;
  std::uint64_t blobs = 0;
  std::uint64_t uploads = 0;
  std::uint64_t repositories = 0;  // that had become empty
  std::uint64_t bytes = 0;         // that this gives back
};

// What a client does with what it is told: kKeep also tells the storage (Storage::keep_blob).
enum class Use { kRead, kKeep };

// What reads need. Thread-safe. Names and tags are valid (names.h).
// A repository exists from the first upload or manifest on, as long as there is anything in it.
class StorageReader {
 public:
  StorageReader() = default;
  StorageReader(const StorageReader&) = delete;
  StorageReader& operator=(const StorageReader&) = delete;
  virtual ~StorageReader() = default;

  // Whether a request for it is answered from memory alone, so that it may be handled on an I/O
  // thread. Everything else may wait for a disk.
  virtual bool is_blob_in_memory(const std::string& repository, const oci::Digest& digest,
                                 Use use) = 0;
  virtual bool is_manifest_in_memory(const std::string& repository, const oci::Digest& digest,
                                     Use use) = 0;
  virtual bool is_tag_in_memory(const std::string& repository, const std::string& tag) = 0;

  virtual bool has_repository(const std::string& repository) = 0;
  // Up to `limit` names behind `last`, sorted bytewise.
  virtual std::vector<std::string> repositories(const std::string& last, std::size_t limit) = 0;

  virtual std::optional<Content> find_blob(const std::string& repository,
                                           const oci::Digest& digest) = 0;
  virtual std::optional<StoredManifest> find_manifest(const std::string& repository,
                                                      const oci::Digest& digest) = 0;
  virtual std::optional<oci::Digest> find_tag(const std::string& repository,
                                              const std::string& tag) = 0;
  virtual std::vector<std::string> tags(const std::string& repository) = 0;       // sorted bytewise
  virtual std::vector<oci::Digest> manifests(const std::string& repository) = 0;  // sorted
  // Sorted by digest.
  virtual std::vector<Referrer> referrers(const std::string& repository,
                                          const oci::Digest& subject) = 0;
};

// What a registry holds, each blob and manifest once, in however many repositories it is.
struct Stored {
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;
};

class Storage : public StorageReader {
 public:
  // Called with what a repository grows (or, negative, shrinks) by, on any thread, before the
  // change is answered. Set before the first request.
  using OnGrowth = std::function<void(const std::string& repository, std::int64_t bytes)>;
  virtual void on_growth(OnGrowth call) = 0;
  // Bytes of a repository, each blob and manifest once; slow.
  virtual std::uint64_t size_of(const std::string& repository) = 0;
  // Quick. What lies in archives that are served in place does not count.
  virtual Stored stored() = 0;

  // Makes a blob of `from` one of `repository` too; false if `from` has none such. An empty `from`
  // stands for any repository.
  virtual bool mount_blob(const std::string& repository, const std::string& from,
                          const oci::Digest& digest) = 0;
  virtual bool remove_blob(const std::string& repository, const oci::Digest& digest) = 0;
  // Keeps a blob that a client was told of from the next garbage collection.
  virtual void keep_blob(const std::string& repository, const oci::Digest& digest) = 0;

  // The session's name. `algorithm`: what the blob's digest will probably be.
  virtual std::string begin_upload(const std::string& repository,
                                   HashAlgorithm algorithm = HashAlgorithm::kSha256) = 0;
  virtual FoundUpload find_upload(const std::string& repository, const std::string& session) = 0;
  // How many bytes a session has, also while a request holds it; nullopt: there is none.
  virtual std::optional<std::uint64_t> upload_size(const std::string& repository,
                                                   const std::string& session) = 0;

  // False if something that it needs has gone meanwhile: nothing is stored then. With
  // `needed` empty it is always stored.
  virtual bool put_manifest(const std::string& repository, const NewManifest& manifest) = 0;
  // And every tag that names it.
  virtual bool remove_manifest(const std::string& repository, const oci::Digest& digest) = 0;
  virtual void put_tag(const std::string& repository, const std::string& tag,
                       const oci::Digest& digest) = 0;
  virtual bool remove_tag(const std::string& repository, const std::string& tag) = 0;

  // While requests go on. Throws Cancelled.
  virtual Collected collect(const CollectOptions& options, std::stop_token stop) = 0;
};

}  // namespace tote::testregistry

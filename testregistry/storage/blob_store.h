// Blobs, and the uploads by which they come. No manifest, no tag and no local path is known here,
// so that memory, a directory, an object store or a cache of another registry can stand behind it,
// and the records (record_store.h) be of another kind.
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/use.h"
#include "testregistry/values/content.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tote::testregistry {

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

// What reading needs. Thread-safe. Names are valid (names.h).
class BlobReader {
 public:
  BlobReader() = default;
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;
  virtual ~BlobReader() = default;

  virtual std::optional<Content> find_blob(const std::string& repository, const oci::Digest& digest,
                                           Use use = Use::kRead) = 0;
  // How many bytes it has; nullopt: there is none.
  virtual std::optional<std::uint64_t> blob_size(const std::string& repository,
                                                 const oci::Digest& digest) {
    const std::optional<Content> content = find_blob(repository, digest);
    return content ? std::optional(content_length(*content)) : std::nullopt;
  }
  // A hint for threads that must not wait: true only if find_blob() would answer this, and with
  // content in memory, without asking a disk or a network. False is never wrong.
  virtual bool is_blob_in_memory(const std::string&, const oci::Digest&, Use) { return false; }
};

class BlobStore : public BlobReader {
 public:
  // Makes a blob of `from` one of `repository` too; false if `from` has none such. An empty `from`
  // stands for any repository.
  virtual bool mount_blob(const std::string& repository, const std::string& from,
                          const oci::Digest& digest) = 0;
  virtual bool remove_blob(const std::string& repository, const oci::Digest& digest) = 0;

  // The session's name. `algorithm`: what the blob's digest will probably be.
  virtual std::string begin_upload(const std::string& repository,
                                   HashAlgorithm algorithm = HashAlgorithm::kSha256) = 0;
  virtual FoundUpload find_upload(const std::string& repository, const std::string& session) = 0;
  // How many bytes a session has, also while a request holds it; nullopt: there is none.
  virtual std::optional<std::uint64_t> upload_size(const std::string& repository,
                                                   const std::string& session) = 0;
};

}  // namespace tote::testregistry

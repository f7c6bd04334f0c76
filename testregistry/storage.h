// Where the registry keeps things. Narrow, and without the notion of a local path, so that memory,
// a directory and, later, object storage can stand behind it.
#pragma once

#include "oci/digest.h"
#include "testregistry/handler.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

struct StoredManifest {
  std::string media_type;
  Content content;
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

// Thread-safe. Names and tags are valid (route.h). Everything may block unless `is_quick`.
// A repository exists from the first upload or manifest on.
class Storage {
 public:
  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  virtual ~Storage() = default;

  // Whether the find_ calls return without blocking.
  virtual bool is_quick() const noexcept = 0;
  virtual bool has_repository(const std::string& repository) = 0;

  virtual std::optional<Content> find_blob(const std::string& repository,
                                           const oci::Digest& digest) = 0;
  // Makes a blob of `from` one of `repository` too; false if `from` has none such.
  virtual bool mount_blob(const std::string& repository, const std::string& from,
                          const oci::Digest& digest) = 0;
  virtual bool remove_blob(const std::string& repository, const oci::Digest& digest) = 0;

  virtual std::string begin_upload(const std::string& repository) = 0;  // the session's name
  virtual FoundUpload find_upload(const std::string& repository, const std::string& session) = 0;
  // How many bytes a session has, also while a request holds it; nullopt: there is none.
  virtual std::optional<std::uint64_t> upload_size(const std::string& repository,
                                                   const std::string& session) = 0;

  virtual std::optional<StoredManifest> find_manifest(const std::string& repository,
                                                      const oci::Digest& digest) = 0;
  virtual void put_manifest(const std::string& repository, const oci::Digest& digest,
                            std::string_view media_type, std::string bytes) = 0;
  // And every tag that names it.
  virtual bool remove_manifest(const std::string& repository, const oci::Digest& digest) = 0;

  virtual std::optional<oci::Digest> find_tag(const std::string& repository,
                                              const std::string& tag) = 0;
  virtual void put_tag(const std::string& repository, const std::string& tag,
                       const oci::Digest& digest) = 0;
  virtual bool remove_tag(const std::string& repository, const std::string& tag) = 0;
  virtual std::vector<std::string> tags(const std::string& repository) = 0;  // sorted bytewise
};

}  // namespace tote::testregistry

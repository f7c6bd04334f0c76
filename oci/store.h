// What the rest of tote knows about a place that holds images: a remote repository, an archive, a
// built image, a test double. Small, so that copying, resuming and tests share it.
//
// Implementations are thread-safe, except that one Source or Upload belongs to one thread. Every
// call may block; all take a stop token and throw Cancelled when it fires, Error otherwise.
#pragma once

#include "base/stream.h"
#include "oci/manifest.h"
#include "oci/reference.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

class ImageReader {
 public:
  ImageReader() = default;
  ImageReader(const ImageReader&) = delete;
  ImageReader& operator=(const ImageReader&) = delete;
  virtual ~ImageReader() = default;

  // nullopt: there is no such tag or digest.
  virtual std::optional<Descriptor> resolve(std::string_view tag_or_digest,
                                            std::stop_token stop) = 0;
  // Verified against the digest, if asked by digest. Error{kNotFound} in the place's own words
  // when there is none.
  virtual ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) = 0;
  virtual bool has_blob(const Descriptor& blob, std::stop_token stop) = 0;
  // From offset 0 the content is verified before its end is reported; from elsewhere only its
  // size is. REQUIRES: offset <= blob.size
  virtual std::unique_ptr<Source> open_blob(const Descriptor& blob, std::uint64_t offset,
                                            std::stop_token stop) = 0;
  // What is said to have `subject` as its subject; whoever follows that looks at the manifests. May
  // leave out what is not of this artifact type; empty: all are meant. Nothing where nobody keeps
  // account of it.
  virtual std::vector<Descriptor> find_referrers(const Digest& subject,
                                                 std::string_view artifact_type,
                                                 std::stop_token stop);
  // All tags, where one request tells them; nullopt: that can not be said.
  virtual std::optional<std::set<std::string>> tags_at_once(std::stop_token stop);
};

// Finds the place that a repository's images are read from: a registry client, or an archive that
// answers for every repository. The reader lives as long as whatever the function belongs to.
// Thread-safe.
using OpenRepository = std::function<ImageReader&(const Repository&)>;

// A blob on its way into a place. Destroyed without commit(): abandoned, nothing is visible.
class Upload {
 public:
  Upload() = default;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  virtual ~Upload() = default;

  // How many bytes the place holds; asks it again after a failed append().
  virtual std::uint64_t offset() = 0;
  // Sends the `size` bytes that follow offset(), which is all that `content` has, and reads its
  // end, so that a verifying source has given its verdict. What `content` throws comes out
  // unchanged.
  virtual void append(Source& content, std::uint64_t size) = 0;
  // Makes the blob visible under its digest, which the place verifies.
  virtual void commit() = 0;
};

// A place that blobs can be put into: an archive, a directory. Putting there what is there already
// is success, at every level of this interface.
class BlobWriter {
 public:
  BlobWriter() = default;
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  virtual ~BlobWriter() = default;

  virtual bool has_blob(const Descriptor& blob, std::stop_token stop) = 0;
  virtual std::unique_ptr<Upload> begin_upload(const Descriptor& blob, std::stop_token stop) = 0;
};

// A repository: it knows manifests from blobs, and names them.
class ImageWriter : public BlobWriter {
 public:
  // The descriptor under a tag or digest; nullopt when there is none.
  virtual std::optional<Descriptor> resolve(std::string_view tag_or_digest,
                                            std::stop_token stop) = 0;
  // Whether try_mount() from there makes sense. Does not block.
  virtual bool may_mount_from(const Repository& from) const = 0;
  // True if the place now has the blob without its content having been sent; `from` is where it
  // lies now. False is no failure: send it.
  virtual bool try_mount(const Descriptor& blob, const Repository& from, std::stop_token stop) = 0;
  // REQUIRES: everything that the manifest names is in this place already.
  virtual void push_manifest(const Manifest& manifest, std::string_view tag_or_digest,
                             std::stop_token stop) = 0;
  // Of a manifest with a subject that is there: whether who asks for the referrers of that subject
  // is told of it. If not, it is to be pushed again.
  virtual bool lists_referrer(const Manifest& manifest, std::stop_token stop);
  // All tags, where one request tells them; nullopt: that can not be said.
  virtual std::optional<std::set<std::string>> tags_at_once(std::stop_token stop);
  // Up to how many bytes a blob is sent in one request, as long as it takes to ask for it; 0: none
  // is.
  virtual std::uint64_t sent_at_once() const;
};

}  // namespace tote::oci

// What is known of blobs: manifests, tags, referrers, and the repositories that have them. The
// blobs themselves may be kept elsewhere (blob_store.h).
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/use.h"
#include "testregistry/values/content.h"

#include <cstddef>
#include <optional>
#include <string>
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

// What reading needs. Thread-safe. Names and tags are valid (names.h).
// A repository exists from the first upload or manifest on, as long as there is anything in it.
class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  virtual ~RecordReader() = default;

  virtual bool has_repository(const std::string& repository) = 0;
  // Up to `limit` names behind `last`, sorted bytewise.
  virtual std::vector<std::string> repositories(const std::string& last, std::size_t limit) = 0;

  virtual std::optional<StoredManifest> find_manifest(const std::string& repository,
                                                      const oci::Digest& digest,
                                                      Use use = Use::kRead) = 0;
  virtual std::optional<oci::Digest> find_tag(const std::string& repository,
                                              const std::string& tag) = 0;
  virtual std::vector<std::string> tags(const std::string& repository) = 0;       // sorted bytewise
  virtual std::vector<oci::Digest> manifests(const std::string& repository) = 0;  // sorted
  // Sorted by digest.
  virtual std::vector<Referrer> referrers(const std::string& repository,
                                          const oci::Digest& subject) = 0;

  // Hints for threads that must not wait: true only if find_manifest() and find_tag() would answer
  // this without asking a disk or a network. False is never wrong.
  virtual bool is_manifest_in_memory(const std::string&, const oci::Digest&, Use) { return false; }
  virtual bool is_tag_in_memory(const std::string&, const std::string&) { return false; }
};

class RecordStore : public RecordReader {
 public:
  // False if something that it needs has gone meanwhile: nothing is stored then. What is there is
  // kept as by Use::kKeep. With `needed` empty it is always stored.
  virtual bool put_manifest(const std::string& repository, const NewManifest& manifest) = 0;
  // And every tag that names it.
  virtual bool remove_manifest(const std::string& repository, const oci::Digest& digest) = 0;
  virtual void put_tag(const std::string& repository, const std::string& tag,
                       const oci::Digest& digest) = 0;
  virtual bool remove_tag(const std::string& repository, const std::string& tag) = 0;
};

}  // namespace tote::testregistry

// An OCI image layout directory that is served and written (OCI image specification 1.1:
// image-layout.md). index.json is the truth: it is read again when others have changed it, and
// changed before anything is answered. Internal to testregistry/.
#pragma once

#include "archive/layout_directory.h"
#include "base/mutex.h"
#include "testregistry/storage/layout/layout_edit.h"
#include "testregistry/storage/layout/layout_records.h"
#include "testregistry/storage/upkeep.h"
#include "testregistry/values/content.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace tote::testregistry {

// `repository`: what all of it is served as; empty: what its images are called, and those that do
// not say, like the directory.
struct LayoutPlace {
  std::filesystem::path path;
  std::string repository = {};
};

struct LayoutOptions {
  bool read_only = false;  // it may be on a file system where nothing can be written
  bool sync = false;       // what is acknowledged survives a power cut
  bool tidy = true;        // what writers that were killed have left goes at the end
  std::function<void(const std::string& line)> log = [](const std::string&) {};
};

using LayoutRecordsPtr = std::shared_ptr<const LayoutRecords>;

// Thread-safe. Throws Error{kIo}.
class ServedLayout {
 public:
  // Makes it if there is nothing, unless it is read only. Error{kUsage} and Error{kParse} for what
  // is no layout, or has no name that a repository can have.
  ServedLayout(LayoutPlace place, LayoutOptions options);
  ServedLayout(const ServedLayout&) = delete;
  ServedLayout& operator=(const ServedLayout&) = delete;
  ~ServedLayout();

  const std::filesystem::path& path() const noexcept { return place_.path; }
  // Of what does not say where it comes from.
  const std::string& own_name() const noexcept { return own_.path; }
  bool takes_all_names() const noexcept { return place_.repository.empty(); }

  LayoutRecordsPtr records();
  std::optional<Content> find_blob(const oci::Digest& digest) const;
  // Writes a blob whose bytes are known to have that digest.
  void put_bytes(const oci::Digest& digest, std::string_view bytes);
  // Gives the file at `path`, which is in the layout and of that content, its name.
  void adopt(const std::filesystem::path& path, const File& file, const oci::Digest& digest);

  // Nothing is written if `change` returns false or throws. Returns what it returns.
  bool change(const std::function<bool(LayoutEdit& edit)>& change);

  // One at a time, and while requests go on. Error{kIo} if another process is adding things.
  Collected collect(const CollectOptions& options, const std::stop_token& stop);
  // Held by those who rely on blobs that no manifest names yet.
  SharedMutex& blobs_mutex() noexcept { return blobs_mutex_; }

 private:
  // As it was when index.json was read: who replaces the file makes another one.
  struct Stamp {
    ino_t inode = 0;
    off_t size = 0;
    timespec changed = {};
    bool operator==(const Stamp& other) const noexcept;
  };

  Stamp stamp() const;
  archive::IndexEntries parse(std::string_view text);
  void take(archive::IndexEntries index, std::string text, const Stamp& stamp)
      TOTE_REQUIRES(mutex_);
  void read_again() TOTE_REQUIRES(mutex_);
  void tell(const std::string& line) const;

  const LayoutPlace place_;
  const LayoutOptions options_;
  oci::Repository own_;
  RepositoryOf repository_of_;
  UniqueFd lock_;  // none if nothing is written
  LayoutManifests manifests_;
  SharedMutex blobs_mutex_;

  Mutex mutex_;
  std::optional<archive::IndexEntries> index_ TOTE_GUARDED_BY(mutex_);
  std::string text_ TOTE_GUARDED_BY(mutex_);
  Stamp stamp_ TOTE_GUARDED_BY(mutex_);
  LayoutRecordsPtr records_ TOTE_GUARDED_BY(mutex_) = std::make_shared<const LayoutRecords>();
};

}  // namespace tote::testregistry

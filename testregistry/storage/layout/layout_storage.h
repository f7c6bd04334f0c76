// OCI image layouts that are served as repositories and written to, each of which any other tool
// can read and write too. Nothing is kept anywhere else.
#pragma once

#include "base/mutex.h"
#include "testregistry/storage/layout/layout_uploads.h"
#include "testregistry/storage/layout/served_layout.h"
#include "testregistry/storage/storage.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tote::testregistry {

// Throws Error{kForbidden} for what can not be in any of the layouts, or must not go from one.
class LayoutStorage final : public Storage {
 public:
  // A repository is in the layout that is served as it, else in the first without a name that has
  // it, or is called so, else in the first without a name. Error{kUsage} for two of one name.
  LayoutStorage(const std::vector<LayoutPlace>& places, const LayoutOptions& options);

  bool has_repository(const std::string& repository) override;
  std::vector<std::string> repositories(const std::string& last, std::size_t limit) override;
  std::optional<Content> find_blob(const std::string& repository, const oci::Digest& digest,
                                   Use use = Use::kRead) override;
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest,
                                              Use use = Use::kRead) override;
  std::optional<oci::Digest> find_tag(const std::string& repository,
                                      const std::string& tag) override;
  std::vector<std::string> tags(const std::string& repository) override;
  std::vector<oci::Digest> manifests(const std::string& repository) override;
  std::vector<Referrer> referrers(const std::string& repository,
                                  const oci::Digest& subject) override;

  void on_growth(OnGrowth call) override { on_growth_ = std::move(call); }
  // Of all that lies in its layout.
  std::uint64_t size_of(const std::string& repository) override;
  Stored stored() override;
  bool mount_blob(const std::string& repository, const std::string& from,
                  const oci::Digest& digest) override;
  bool remove_blob(const std::string& repository, const oci::Digest& digest) override;
  std::string begin_upload(const std::string& repository,
                           HashAlgorithm algorithm = HashAlgorithm::kSha256) override;
  FoundUpload find_upload(const std::string& repository, const std::string& session) override;
  std::optional<std::uint64_t> upload_size(const std::string& repository,
                                           const std::string& session) override;
  bool put_manifest(const std::string& repository, const NewManifest& manifest) override;
  bool remove_manifest(const std::string& repository, const oci::Digest& digest) override;
  void put_tag(const std::string& repository, const std::string& tag,
               const oci::Digest& digest) override;
  bool remove_tag(const std::string& repository, const std::string& tag) override;
  Collected collect(const CollectOptions& options, std::stop_token stop) override;

 private:
  ServedLayout* find(const std::string& repository);  // null: none has it
  ServedLayout& require(const std::string& repository);
  // Empty if there is none such.
  std::shared_ptr<const LayoutRepository> records(const std::string& repository);
  bool is_used(const std::string& repository);
  bool copy_blob(const Content& content, const std::string& repository, const oci::Digest& digest);
  void grow(const std::string& repository, std::int64_t bytes) const;

  std::vector<std::unique_ptr<ServedLayout>> layouts_;
  LayoutUploads uploads_;
  OnGrowth on_growth_;
  Mutex mutex_;
  // What was uploaded to, though no manifest has come.
  std::set<std::string> used_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry

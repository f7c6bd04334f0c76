// What a registry's changes are in the index.json of a layout. Internal to testregistry/.
#pragma once

#include "testregistry/storage/layout/layout_records.h"

#include <string>
#include <vector>

namespace tote::testregistry {

// A tag is an entry with a name. A manifest that no tag names and no index is kept by an entry
// without one, which goes as soon as it is needed no more; entries of others are never touched. For
// one change.
class LayoutEdit {
 public:
  // `own`: of entries that name no repository.
  LayoutEdit(std::vector<archive::IndexEntry>& entries, const RepositoryOf& repository_of,
             const oci::Repository& own, LayoutManifests& manifests)
      : entries_(entries), repository_of_(repository_of), own_(own), manifests_(manifests) {}

  void put(const std::string& repository, const oci::Manifest& manifest,
           const std::vector<std::string>& tags);
  // These are false where there is none such.
  bool remove_tag(const std::string& repository, const std::string& tag);
  // Error{kForbidden} for what an index needs.
  bool remove_manifest(const std::string& repository, const oci::Digest& digest);
  // Takes out the entries of what is not kept.
  void drop(const std::function<bool(const oci::Digest&)>& is_kept);

 private:
  void put_tag(const std::string& repository, const oci::Manifest& manifest,
               const std::string& tag);
  void keep(const std::string& repository, const std::vector<oci::Descriptor>& manifests);
  LayoutRepository read(const std::string& repository) const;
  bool is_in(const std::string& repository, const archive::IndexEntry& entry) const;
  oci::Repository name_of(const std::string& repository) const;

  std::vector<archive::IndexEntry>& entries_;
  const RepositoryOf& repository_of_;
  const oci::Repository& own_;
  LayoutManifests& manifests_;
};

}  // namespace tote::testregistry

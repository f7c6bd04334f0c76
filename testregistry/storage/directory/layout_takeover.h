// Takes over an OCI image layout that somebody has put into a repository of the directory storage:
// its blobs go to the pool, its manifests and tags become the repository's. Part of
// DirectoryStorage.
//
// Somebody may still be copying it. What can not be taken over stays where it is, and index.json,
// by which the layout is known, goes when all that it names was taken over; until then it holds
// what is left.
#pragma once

#include "testregistry/storage/directory/directory_storage.h"

namespace tote::testregistry {

// Under the repository's lock.
class LayoutTakeover {
 public:
  LayoutTakeover(DirectoryStorage& storage, DirectoryRepositoryPtr repository)
      : storage_(storage), repository_(std::move(repository)) {}

  // False: something is not there yet; to be called again. Throws Error{kIo}.
  bool run();

 private:
  std::string path_of(const oci::Digest& digest) const;
  std::optional<struct stat> file_of(const oci::Digest& digest) const;
  bool bring(const oci::Digest& digest);
  bool adopt(const std::string& path, const struct stat& info, const oci::Digest& digest);
  std::optional<std::string> peek(const oci::Digest& digest) const;
  std::string read_index() const;
  std::optional<std::string> put_manifests(const std::string& index);
  void keep_rest(const std::string& index, const std::string& rest);
  void remove_layout() const;
  void log(const std::string& line) const;

  DirectoryStorage& storage_;
  DirectoryRepositoryPtr repository_;
};

}  // namespace tote::testregistry

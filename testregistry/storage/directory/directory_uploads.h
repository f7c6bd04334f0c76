// The upload sessions of the directory storage. Part of DirectoryStorage.
#pragma once

#include "base/task_group.h"
#include "testregistry/storage/blob_store.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_pool.h"
#include "testregistry/storage/directory/directory_repository.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tote::testregistry {

// Thread-safe. Throws Error{kIo}.
class DirectoryUploads {
 public:
  // `files` and `pool` must outlive it.
  DirectoryUploads(const DirectoryFiles& files, DirectoryPool& pool);

  // As of BlobStore.
  std::string begin(const DirectoryRepositoryPtr& repository, HashAlgorithm algorithm);
  FoundUpload find(const DirectoryRepositoryPtr& repository, const std::string& session);
  static std::optional<std::uint64_t> size(const DirectoryRepository& repository,
                                           const std::string& session);

 private:
  const DirectoryFiles& files_;
  DirectoryPool& pool_;
  ThreadPool hashers_;
  TaskGroup hashing_{hashers_, {}};  // behind those who write
};

}  // namespace tote::testregistry

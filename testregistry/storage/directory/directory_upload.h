// An upload session whose bytes are a file. Part of DirectoryStorage.
#pragma once

#include "base/file.h"
#include "base/task_group.h"
#include "testregistry/storage/blob_store.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_pool.h"
#include "testregistry/storage/directory/directory_repository.h"

#include <cstdint>
#include <memory>
#include <string>

namespace tote::testregistry {

class DirectoryUpload final : public UploadSession {
 public:
  // Has set `state->busy`, and clears it when it goes.
  DirectoryUpload(const DirectoryFiles& files, DirectoryPool& pool, TaskGroup& hashing,
                  DirectoryRepositoryPtr repository, std::string session, FilePtr file,
                  std::shared_ptr<OpenUpload> state);
  ~DirectoryUpload() override;

  std::uint64_t size() override { return size_; }
  void append(ConstBytes data) override;
  bool commit(const oci::Digest& digest) override;
  void cancel() override;

 private:
  void end();

  const DirectoryFiles& files_;
  DirectoryPool& pool_;
  TaskGroup& hashing_;
  DirectoryRepositoryPtr repository_;
  std::string session_;
  std::string path_;
  FilePtr file_;
  std::shared_ptr<OpenUpload> state_;
  std::uint64_t size_;
  bool ended_ = false;  // committed or cancelled
};

}  // namespace tote::testregistry

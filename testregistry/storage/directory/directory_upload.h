// An upload session whose bytes are a file. Part of DirectoryStorage.
#pragma once

#include "testregistry/storage/directory/directory_storage.h"

namespace tote::testregistry {

class DirectoryUpload final : public UploadSession {
 public:
  // Has set `state->busy`, and clears it when it goes.
  DirectoryUpload(DirectoryStorage& storage, DirectoryRepositoryPtr repository, std::string session,
                  UniqueFd file, std::shared_ptr<OpenUpload> state);
  ~DirectoryUpload() override;

  std::uint64_t size() override { return size_; }
  void append(ConstBytes data) override;
  bool commit(const oci::Digest& digest) override;
  void cancel() override;

 private:
  void end();

  DirectoryStorage& storage_;
  DirectoryRepositoryPtr repository_;
  std::string session_;
  std::string path_;
  std::shared_ptr<const UniqueFd> file_;
  std::shared_ptr<OpenUpload> state_;
  std::uint64_t size_;
  bool ended_ = false;  // committed or cancelled
};

}  // namespace tote::testregistry

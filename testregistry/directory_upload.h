// An upload session whose bytes are a file. Part of DirectoryStorage.
#pragma once

#include "testregistry/directory_storage.h"

namespace tote::testregistry {

class DirectoryUpload final : public UploadSession {
 public:
  // Has set `state->busy`, and clears it when it goes.
  DirectoryUpload(DirectoryStorage& storage, std::string repository, std::string name,
                  std::filesystem::path path, UniqueFd file,
                  std::shared_ptr<DirectoryStorage::OpenUpload> state);
  ~DirectoryUpload() override;

  std::uint64_t size() override { return size_; }
  void append(ConstBytes data) override;
  bool commit(const oci::Digest& digest) override;
  void cancel() override;

 private:
  oci::Digest digest_of_file(HashAlgorithm algorithm);

  DirectoryStorage& storage_;
  std::string repository_;
  std::string name_;
  std::filesystem::path path_;
  std::shared_ptr<const UniqueFd> file_;
  std::shared_ptr<DirectoryStorage::OpenUpload> state_;
  std::uint64_t size_;
  bool ended_ = false;  // committed or cancelled
};

}  // namespace tote::testregistry

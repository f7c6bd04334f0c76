#include "testregistry/directory_upload.h"

#include "base/error.h"

#include <unistd.h>
#include <vector>

namespace tote::testregistry {

DirectoryUpload::DirectoryUpload(DirectoryStorage& storage, std::string repository,
                                 std::string name, std::filesystem::path path, UniqueFd file,
                                 std::shared_ptr<DirectoryStorage::OpenUpload> state)
    : storage_(storage),
      repository_(std::move(repository)),
      name_(std::move(name)),
      path_(std::move(path)),
      file_(std::make_shared<const UniqueFd>(std::move(file))),
      state_(std::move(state)),
      size_(file_size(file_->get())) {}

DirectoryUpload::~DirectoryUpload() {
  const std::lock_guard lock(storage_.mutex_);
  state_->busy = false;
  if (ended_) storage_.open_uploads_.erase(repository_ + "/" + name_);
}

void DirectoryUpload::append(ConstBytes data) {
  try {
    write_at(file_->get(), data, size_);
  } catch (const Error&) {
    // A full disk: what was acknowledged stays, the rest goes.
    if (::ftruncate(file_->get(), static_cast<off_t>(size_)) != 0) throw;
    throw;
  }
  if (state_->hashed == size_) {
    state_->hasher.update(data);
    state_->hashed += data.size();
  }
  size_ += data.size();
}

oci::Digest DirectoryUpload::digest_of_file(HashAlgorithm algorithm) {
  Hasher hasher(algorithm);
  FileSource content(file_, 0, size_);
  std::vector<std::byte> buffer(kStreamChunk);
  while (const std::size_t n = content.read_some(buffer)) hasher.update(std::span(buffer).first(n));
  return oci::Digest::of(hasher);
}

bool DirectoryUpload::commit(const oci::Digest& digest) {
  // Hashed while it came, unless it began before a restart or under another algorithm.
  const bool hashed_already =
      state_->hashed == size_ && digest.algorithm() == state_->hasher.algorithm();
  const oci::Digest got =
      hashed_already ? oci::Digest::of(state_->hasher) : digest_of_file(digest.algorithm());
  if (got != digest) return false;
  if (storage_.sync_ == Sync::kYes) sync_file(file_->get(), path_.string());
  storage_.adopt(path_, digest);
  storage_.link_blob(repository_, digest);
  ended_ = true;
  return true;
}

void DirectoryUpload::cancel() {
  std::filesystem::remove(path_);
  ended_ = true;
}

}  // namespace tote::testregistry

#include "testregistry/directory_upload.h"

#include "base/error.h"

#include <unistd.h>

namespace tote::testregistry {

DirectoryUpload::DirectoryUpload(DirectoryStorage& storage, DirectoryRepositoryPtr repository,
                                 std::string session, UniqueFd file,
                                 std::shared_ptr<OpenUpload> state)
    : storage_(storage),
      repository_(std::move(repository)),
      session_(std::move(session)),
      path_(repository_->upload(session_)),
      file_(std::make_shared<const UniqueFd>(std::move(file))),
      state_(std::move(state)),
      size_(file_size(file_->get())) {
  let_hash_follow();  // of a session from before a restart it has seen nothing yet
}

DirectoryUpload::~DirectoryUpload() {
  const std::lock_guard lock(repository_->uploads_mutex);
  state_->busy = false;
  if (ended_) repository_->open_uploads.erase(session_);
}

void DirectoryUpload::append(ConstBytes data) {
  try {
    write_at(file_->get(), data, size_);
  } catch (const Error&) {
    // A full disk: what was acknowledged stays, the rest goes.
    if (::ftruncate(file_->get(), static_cast<off_t>(size_)) != 0) throw;
    throw;
  }
  size_ += data.size();
  let_hash_follow();
  state_->hash.keep_up(file_->get(), data.size());
}

void DirectoryUpload::let_hash_follow() {
  if (!state_->hash.grow_to(size_)) return;
  storage_.hashing_.run([file = file_, state = state_](const std::stop_token& stop) {
    try {
      state->hash.follow(file->get(), stop);
    } catch (const Error&) {
      // Whoever needs the digest meets it too.
    }
  });
}

bool DirectoryUpload::commit(const oci::Digest& digest) {
  const std::optional<oci::Digest> hashed = state_->hash.finish(file_->get(), digest.algorithm());
  FileSource content(file_, 0, size_);
  if ((hashed ? *hashed : oci::digest_of(content, digest.algorithm())) != digest) return false;
  storage_.files_.sync(file_->get(), path_);
  const std::lock_guard lock(repository_->mutex);
  storage_.adopt(*repository_, path_, digest);
  storage_.note_blob(*repository_, digest);
  ended_ = true;
  return true;
}

void DirectoryUpload::cancel() {
  try_unlink(path_);
  ended_ = true;
}

}  // namespace tote::testregistry

#include "testregistry/storage/directory/directory_upload.h"

#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/storage/local_files.h"

#include <algorithm>
#include <unistd.h>

namespace tote::testregistry {
namespace {

// Larger writes let the page cache ask for larger pieces of memory, and those a virtual machine has
// given back to its host: an upload took three times as long (docs/performance.md).
constexpr std::size_t kWrite = 64 * 1024;

using StatePtr = std::shared_ptr<OpenUpload>;

// A turn that waits for a thread does not keep the file open: there may be many.
void follow_later(TaskGroup& hashing, const std::weak_ptr<const File>& file,
                  const StatePtr& state) {
  hashing.run([&hashing, file, state](const std::stop_token& stop) {
    const FilePtr open = file.lock();
    if (!open) return state->hash.unfollow();  // until the next request of the session
    try {
      if (state->hash.follow(*open, stop)) follow_later(hashing, file, state);
    } catch (const std::exception&) {
      // Whoever needs the digest meets it too.
    }
  });
}

}  // namespace

DirectoryUpload::DirectoryUpload(const DirectoryFiles& files, DirectoryPool& pool,
                                 TaskGroup& hashing, DirectoryRepositoryPtr repository,
                                 std::string session, FilePtr file,
                                 std::shared_ptr<OpenUpload> state)
    : files_(files),
      pool_(pool),
      hashing_(hashing),
      repository_(std::move(repository)),
      session_(std::move(session)),
      path_(repository_->upload(session_)),
      file_(std::move(file)),
      state_(std::move(state)),
      size_(file_->size()) {
  state_->hash.grow_to(size_);  // it has seen nothing of a session from before a restart
}

DirectoryUpload::~DirectoryUpload() {
  const Lock lock(repository_->uploads_mutex);
  state_->busy = false;
  if (ended_) repository_->open_uploads.erase(session_);
}

void DirectoryUpload::append(ConstBytes data) {
  try {
    for (std::size_t done = 0; done < data.size(); done += kWrite)
      file_->write_at(data.subspan(done, std::min(kWrite, data.size() - done)), size_ + done);
  } catch (const Error&) {
    // A full disk: what was acknowledged stays, the rest goes.
    if (::ftruncate(file_->fd(), static_cast<off_t>(size_)) != 0) throw;
    throw;
  }
  size_ += data.size();
  state_->hash.grow_to(size_);
  if (state_->hash.wants_follower()) follow_later(hashing_, file_, state_);
  state_->hash.keep_up(*file_, data.size());
}

bool DirectoryUpload::commit(const oci::Digest& digest) {
  const std::optional<oci::Digest> hashed = state_->hash.finish(*file_, digest.algorithm());
  RangeSource content(file_, 0, size_);
  if ((hashed ? *hashed : oci::digest_of(content, digest.algorithm())) != digest) return false;
  files_.sync(*file_);
  const Lock lock(repository_->mutex);
  pool_.adopt(*repository_, path_, digest);
  pool_.note_blob(*repository_, digest);
  end();
  return true;
}

void DirectoryUpload::cancel() {
  try_unlink(path_);
  end();
}

void DirectoryUpload::end() {
  ended_ = true;
  state_->hash.abandon();
}

}  // namespace tote::testregistry

#include "testregistry/storage/directory/directory_upload.h"

#include "base/error.h"
#include "testregistry/storage/local_files.h"

#include <algorithm>
#include <unistd.h>

namespace tote::testregistry {
namespace {

// Larger writes let the page cache ask for larger pieces of memory, and those a virtual machine has
// given back to its host: an upload took three times as long (docs/benchmarks.md).
constexpr std::size_t kWrite = 64 * 1024;

using FilePtr = std::shared_ptr<const UniqueFd>;
using StatePtr = std::shared_ptr<OpenUpload>;

// A turn that waits for a thread does not keep the file open: there may be many.
void follow_later(TaskGroup& hashing, const std::weak_ptr<const UniqueFd>& file,
                  const StatePtr& state) {
  hashing.run([&hashing, file, state](const std::stop_token& stop) {
    const FilePtr open = file.lock();
    if (!open) return state->hash.unfollow();  // until the next request of the session
    try {
      if (state->hash.follow(open->get(), stop)) follow_later(hashing, file, state);
    } catch (const std::exception&) {
      // Whoever needs the digest meets it too.
    }
  });
}

}  // namespace

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
  state_->hash.grow_to(size_);  // it has seen nothing of a session from before a restart
}

DirectoryUpload::~DirectoryUpload() {
  const std::lock_guard lock(repository_->uploads_mutex);
  state_->busy = false;
  if (ended_) repository_->open_uploads.erase(session_);
}

void DirectoryUpload::append(ConstBytes data) {
  try {
    for (std::size_t done = 0; done < data.size(); done += kWrite)
      write_at(file_->get(), data.subspan(done, std::min(kWrite, data.size() - done)),
               size_ + done);
  } catch (const Error&) {
    // A full disk: what was acknowledged stays, the rest goes.
    if (::ftruncate(file_->get(), static_cast<off_t>(size_)) != 0) throw;
    throw;
  }
  size_ += data.size();
  state_->hash.grow_to(size_);
  if (state_->hash.wants_follower()) follow_later(storage_.hashing_, file_, state_);
  state_->hash.keep_up(file_->get(), data.size());
}

bool DirectoryUpload::commit(const oci::Digest& digest) {
  const std::optional<oci::Digest> hashed = state_->hash.finish(file_->get(), digest.algorithm());
  FileSource content(file_, 0, size_);
  if ((hashed ? *hashed : oci::digest_of(content, digest.algorithm())) != digest) return false;
  storage_.files_.sync(file_->get(), path_);
  const std::lock_guard lock(repository_->mutex);
  storage_.adopt(*repository_, path_, digest);
  storage_.note_blob(*repository_, digest);
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

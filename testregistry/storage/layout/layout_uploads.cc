#include "testregistry/storage/layout/layout_uploads.h"

#include "base/error.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace tote::testregistry {
namespace {

std::string path_of(const ServedLayout& layout, const std::string& session) {
  return (layout.path() / archive::kIngest / session).string();
}

}  // namespace

// Has set `state->busy`, and clears it when it goes.
class LayoutUploads::Session final : public UploadSession {
 public:
  Session(LayoutUploads& uploads, ServedLayout& layout, std::string session, FilePtr file,
          StatePtr state, OnBlob on_blob)
      : uploads_(uploads),
        layout_(layout),
        session_(std::move(session)),
        file_(std::move(file)),
        state_(std::move(state)),
        on_blob_(std::move(on_blob)),
        size_(file_->size()) {}
  ~Session() override { uploads_.release(session_, *state_, has_ended_); }

  std::uint64_t size() override { return size_; }

  void append(ConstBytes data) override {
    try {
      file_->write_at(data, size_);
    } catch (const Error&) {
      // A full disk: what was acknowledged stays, the rest goes.
      if (::ftruncate(file_->fd(), static_cast<off_t>(size_)) != 0) throw;
      throw;
    }
    state_->hash.update(size_, data);
    size_ += data.size();
  }

  bool commit(const oci::Digest& digest) override {
    const std::optional<oci::Digest> known = state_->hash.finish(size_, digest.algorithm());
    RangeSource content(file_, 0, size_);
    if ((known ? *known : oci::digest_of(content, digest.algorithm())) != digest) return false;
    const ReadLock lock(layout_.blobs_mutex());
    const bool is_new = !layout_.find_blob(digest);
    layout_.adopt(path_of(layout_, session_), *file_, digest);
    has_ended_ = true;
    if (is_new) on_blob_(size_);
    return true;
  }

  void cancel() override {
    try_unlink(path_of(layout_, session_));
    has_ended_ = true;
  }

 private:
  LayoutUploads& uploads_;
  ServedLayout& layout_;
  const std::string session_;
  const FilePtr file_;
  const StatePtr state_;
  const OnBlob on_blob_;
  std::uint64_t size_;
  bool has_ended_ = false;
};

void LayoutUploads::release(const std::string& session, State& state, bool has_ended) {
  const Lock lock(mutex_);
  state.busy = false;
  if (has_ended) states_.erase(session);
}

std::string LayoutUploads::begin(ServedLayout& layout, HashAlgorithm algorithm) {
  std::string session = random_name();
  const ReadLock until_it_is_there(layout.blobs_mutex());
  std::filesystem::create_directories(layout.path() / archive::kIngest);
  File::open(path_of(layout, session), O_WRONLY | O_CREAT | O_EXCL, 0600);
  const Lock lock(mutex_);
  states_[session] = std::make_shared<State>(algorithm);
  return session;
}

FoundUpload LayoutUploads::find(ServedLayout& layout, const std::string& session, OnBlob on_blob) {
  if (!is_random_name(session)) return {};
  StatePtr state;
  {
    const Lock lock(mutex_);
    StatePtr& known = states_[session];
    if (!known) known = std::make_shared<State>(HashAlgorithm::kSha256);
    if (std::exchange(known->busy, true)) return {UploadState::kBusy};
    state = known;
  }
  // Only now that it is ours: before, its last holder may have given it another name.
  FilePtr file = File::try_open(path_of(layout, session), O_RDWR | O_NOFOLLOW);
  if (file)
    return {UploadState::kFound, std::make_unique<Session>(*this, layout, session, std::move(file),
                                                           std::move(state), std::move(on_blob))};
  const bool is_absent = errno == ENOENT || errno == ENOTDIR;
  const Error failure = io_error(fmt::format("open {}", path_of(layout, session)));
  release(session, *state, true);
  if (!is_absent) throw failure;
  return {};
}

std::optional<std::uint64_t> LayoutUploads::size(const ServedLayout& layout,
                                                 const std::string& session) {
  if (!is_random_name(session)) return std::nullopt;
  const auto info = try_stat(path_of(layout, session));
  if (!info) return std::nullopt;
  return static_cast<std::uint64_t>(info->st_size);
}

}  // namespace tote::testregistry

#include "testregistry/storage/directory/directory_uploads.h"

#include "base/error.h"
#include "base/mutex.h"
#include "testregistry/storage/directory/directory_upload.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <thread>
#include <utility>

namespace tote::testregistry {
namespace {

constexpr int kAttempts = 8;

}  // namespace

DirectoryUploads::DirectoryUploads(const DirectoryFiles& files, DirectoryPool& pool)
    : files_(files), pool_(pool), hashers_(std::max(2U, std::thread::hardware_concurrency()) - 1) {}

std::string DirectoryUploads::begin(const DirectoryRepositoryPtr& repository,
                                    HashAlgorithm algorithm) {
  std::string name = random_name();
  const std::string path = repository->upload(name);
  // Under the lock, since garbage collection takes empty directories away.
  const Lock lock(repository->mutex);
  FilePtr file;
  for (int attempt = 0;; ++attempt) {  // a parent that was empty may just be going
    file = File::try_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (file) break;
    if (errno != ENOENT || attempt == kAttempts) throw io_error(fmt::format("create {}", path));
    files_.make_directories(repository->uploads());
  }
  const Lock uploads_lock(repository->uploads_mutex);
  repository->open_uploads[name] = std::make_shared<OpenUpload>(algorithm);
  return name;
}

FoundUpload DirectoryUploads::find(const DirectoryRepositoryPtr& repository,
                                   const std::string& session) {
  if (!is_random_name(session)) return {};
  std::shared_ptr<OpenUpload> state;
  {
    const Lock lock(repository->uploads_mutex);
    std::shared_ptr<OpenUpload>& known = repository->open_uploads[session];
    if (!known) known = std::make_shared<OpenUpload>(HashAlgorithm::kSha256);
    if (std::exchange(known->busy, true)) return {UploadState::kBusy};
    state = known;
  }
  // Opened only now that it is ours: before, its last holder may have moved it into the pool.
  const std::string path = repository->upload(session);
  FilePtr file = File::try_open(path, O_RDWR);
  if (file)
    return {UploadState::kFound,
            std::make_unique<DirectoryUpload>(files_, pool_, hashing_, repository, session,
                                              std::move(file), std::move(state))};
  const bool is_absent = errno == ENOENT || errno == ENOTDIR;
  const Error failure = io_error(fmt::format("open {}", path));
  const Lock lock(repository->uploads_mutex);
  repository->open_uploads.erase(session);
  if (!is_absent) throw failure;
  return {};
}

std::optional<std::uint64_t> DirectoryUploads::size(const DirectoryRepository& repository,
                                                    const std::string& session) {
  if (!is_random_name(session)) return std::nullopt;
  const auto info = try_stat(repository.upload(session));
  if (!info) return std::nullopt;
  return static_cast<std::uint64_t>(info->st_size);
}

}  // namespace tote::testregistry

#include "testregistry/directory_storage.h"

#include "base/error.h"
#include "testregistry/directory_upload.h"
#include "testregistry/route.h"
#include "testregistry/session_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tote::testregistry {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBlobs = "_blobs";
constexpr const char* kManifests = "_manifests";
constexpr const char* kTags = "_tags";
constexpr const char* kUploads = "_uploads";
constexpr std::uint64_t kMaxRecord = 4096;

// nullopt: there is no such file.
std::optional<UniqueFd> try_open(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw io_error(fmt::format("open {}", path.string()));
}

std::optional<std::string> try_read(const fs::path& path) {
  const std::optional<UniqueFd> fd = try_open(path);
  if (!fd) return std::nullopt;
  std::string text(kMaxRecord, '\0');
  text.resize(read_at(fd->get(), std::as_writable_bytes(std::span(text)), 0));
  return text;
}

std::optional<Content> try_content(const fs::path& path) {
  std::optional<UniqueFd> fd = try_open(path);
  if (!fd) return std::nullopt;
  const std::uint64_t size = file_size(fd->get());
  return FileRange{std::make_shared<const UniqueFd>(*std::move(fd)), 0, size};
}

bool try_unlink(const fs::path& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw io_error(fmt::format("remove {}", path.string()));
}

void rename_over(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw io_error(fmt::format("rename {}", to.string()));
}

}  // namespace

DirectoryStorage::DirectoryStorage(fs::path root, Sync sync) : root_(std::move(root)), sync_(sync) {
  for (const char* directory : {"blobs/sha256", "blobs/sha512", "repositories", "tmp"})
    fs::create_directories(root_ / directory);
  lock_ = UniqueFd(::open((root_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_) throw io_error(fmt::format("open {}", (root_ / "lock").string()));
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    throw Error(ErrorKind::kIo, fmt::format("another process is serving {}", root_.string()));
  for (const fs::directory_entry& left_over : fs::directory_iterator(root_ / "tmp"))
    fs::remove(left_over.path());
}

DirectoryStorage::~DirectoryStorage() = default;

fs::path DirectoryStorage::repository_path(const std::string& repository) const {
  return root_ / "repositories" / repository;
}

fs::path DirectoryStorage::record(const std::string& repository, const char* kind,
                                  const oci::Digest& digest) const {
  return repository_path(repository) / kind / digest.algorithm_name() / digest.hex();
}

// Two more levels of directories would serve nobody: file systems of today index large ones.
fs::path DirectoryStorage::pool_path(const oci::Digest& digest) const {
  return root_ / "blobs" / digest.algorithm_name() / digest.hex();
}

void DirectoryStorage::write_record(const fs::path& path, std::string_view text) const {
  const fs::path aside = root_ / "tmp" / new_session_name();
  {
    const UniqueFd file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file) throw io_error(fmt::format("create {}", aside.string()));
    write_all(file.get(), as_bytes(text));
    if (sync_ == Sync::kYes) sync_file(file.get(), aside.string());
  }
  fs::create_directories(path.parent_path());
  rename_over(aside, path);
  if (sync_ == Sync::kYes) sync_directory(path.parent_path());
}

void DirectoryStorage::adopt(const fs::path& file, const oci::Digest& digest) const {
  const fs::path target = pool_path(digest);
  rename_over(file, target);
  if (sync_ == Sync::kYes) sync_directory(target.parent_path());
}

void DirectoryStorage::link_blob(const std::string& repository, const oci::Digest& digest) const {
  const fs::path link = record(repository, kBlobs, digest);
  fs::create_directories(link.parent_path());
  if (::link(pool_path(digest).c_str(), link.c_str()) != 0 && errno != EEXIST)
    throw io_error(fmt::format("link {}", link.string()));
  if (sync_ == Sync::kYes) sync_directory(link.parent_path());
}

bool DirectoryStorage::has_repository(const std::string& repository) {
  const fs::path path = repository_path(repository);
  return fs::exists(path / kUploads) || fs::exists(path / kBlobs) || fs::exists(path / kManifests);
}

std::optional<Content> DirectoryStorage::find_blob(const std::string& repository,
                                                   const oci::Digest& digest) {
  return try_content(record(repository, kBlobs, digest));
}

bool DirectoryStorage::mount_blob(const std::string& repository, const std::string& from,
                                  const oci::Digest& digest) {
  if (!fs::exists(record(from, kBlobs, digest))) return false;
  link_blob(repository, digest);
  return true;
}

bool DirectoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  return try_unlink(record(repository, kBlobs, digest));
}

std::string DirectoryStorage::begin_upload(const std::string& repository) {
  std::string name = new_session_name();
  const fs::path path = repository_path(repository) / kUploads / name;
  fs::create_directories(path.parent_path());
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) throw io_error(fmt::format("create {}", path.string()));
  return name;
}

FoundUpload DirectoryStorage::find_upload(const std::string& repository,
                                          const std::string& session) {
  if (!is_session_name(session)) return {};
  const std::string key = repository + "/" + session;
  std::shared_ptr<OpenUpload> state;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<OpenUpload>& known = open_uploads_[key];
    if (!known) known = std::make_shared<OpenUpload>();
    if (std::exchange(known->busy, true)) return {UploadState::kBusy};
    state = known;
  }
  // Opened only now that it is ours: before, its last holder may have moved it into the pool.
  const fs::path path = repository_path(repository) / kUploads / session;
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file)
    return {UploadState::kFound,
            std::make_unique<DirectoryUpload>(*this, repository, session, path, std::move(file),
                                              std::move(state))};
  const bool absent = errno == ENOENT || errno == ENOTDIR;
  const Error failure = io_error(fmt::format("open {}", path.string()));
  const std::lock_guard lock(mutex_);
  open_uploads_.erase(key);
  if (!absent) throw failure;
  return {};
}

std::optional<std::uint64_t> DirectoryStorage::upload_size(const std::string& repository,
                                                           const std::string& session) {
  if (!is_session_name(session)) return std::nullopt;
  const std::optional<UniqueFd> file = try_open(repository_path(repository) / kUploads / session);
  if (!file) return std::nullopt;
  return file_size(file->get());
}

std::optional<StoredManifest> DirectoryStorage::find_manifest(const std::string& repository,
                                                              const oci::Digest& digest) {
  std::optional<std::string> media_type = try_read(record(repository, kManifests, digest));
  if (!media_type) return std::nullopt;
  std::optional<Content> content = try_content(pool_path(digest));
  if (!content) return std::nullopt;
  return StoredManifest{*std::move(media_type), *std::move(content)};
}

void DirectoryStorage::put_manifest(const std::string& repository, const oci::Digest& digest,
                                    std::string_view media_type, std::string bytes) {
  write_record(pool_path(digest), bytes);
  write_record(record(repository, kManifests, digest), media_type);
}

bool DirectoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  if (!try_unlink(record(repository, kManifests, digest))) return false;
  for (const std::string& tag : tags(repository))
    if (find_tag(repository, tag) == digest) remove_tag(repository, tag);
  return true;
}

std::optional<oci::Digest> DirectoryStorage::find_tag(const std::string& repository,
                                                      const std::string& tag) {
  const std::optional<std::string> text = try_read(repository_path(repository) / kTags / tag);
  if (!text) return std::nullopt;
  return oci::Digest::parse(*text);
}

void DirectoryStorage::put_tag(const std::string& repository, const std::string& tag,
                               const oci::Digest& digest) {
  write_record(repository_path(repository) / kTags / tag, digest.str());
}

bool DirectoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  return try_unlink(repository_path(repository) / kTags / tag);
}

std::vector<std::string> DirectoryStorage::tags(const std::string& repository) {
  std::vector<std::string> names;
  std::error_code absent;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(repository_path(repository) / kTags, absent))
    if (is_tag_name(entry.path().filename().string()))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tote::testregistry

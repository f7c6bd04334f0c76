#include "registry/upload_journal.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/paths.h"
#include "base/trusted_file.h"

#include <fmt/format.h>

#include <chrono>
#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tote::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxEntry = 64U << 10U;
constexpr std::uint64_t kVersion = 1;
constexpr auto kLifetime = std::chrono::hours(24);  // registries forget sessions too

// Names say nothing of what is pushed where.
std::string name_of(const oci::Repository& repository, const oci::Digest& blob) {
  return oci::Digest::of(
             as_bytes(fmt::format("{}\n{}\n{}", repository.registry, repository.path, blob.str())))
      .hex();
}

bool is_old(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  const auto written = std::chrono::system_clock::from_time_t(info.st_mtime);
  return std::chrono::system_clock::now() - written > kLifetime;
}

// "" for what is cut short, of another version, or too old.
std::string location_in(const File& file, const fs::path& path) {
  try {
    std::string text(std::min(file.size(), kMaxEntry), '\0');
    text.resize(file.read_at(std::as_writable_bytes(std::span(text)), 0));
    if (text.empty() || is_old(path)) return {};
    const Json entry = Json::parse(text, "state of an upload");
    if (entry.at("version").number() != kVersion) return {};
    return entry.at("location").string();
  } catch (const Error&) {
    return {};
  }
}

std::string encode_entry(const std::string& location) {
  return JsonWriter()
      .begin_object()
      .member("version", kVersion)
      .member("location", location)
      .end_object()
      .take();
}

}  // namespace

void UploadEntry::remember(const std::string& location) {
  if (location == location_) return;
  location_ = location;
  // In place, since the lock is on the file: one that is cut short counts for nothing.
  try {
    if (::ftruncate(file_->fd(), 0) == 0 && !location.empty())
      file_->write_at(as_bytes(encode_entry(location)), 0);
  } catch (const Error&) {
  }
}

void UploadEntry::forget() {
  location_.clear();
  ::unlink(path_.c_str());
}

UploadJournal::UploadJournal(fs::path directory, Say say)
    : directory_(std::move(directory)), say_(std::move(say)) {}

bool UploadJournal::make_directory() const {
  if (directory_.empty()) {
    if (say_) say_("neither XDG_STATE_HOME nor HOME is set");
    return false;
  }
  try {
    make_private_directories(directory_);
    check_only_ours(directory_);
    return true;
  } catch (const Error& failure) {
    if (say_) say_(failure.message());
    return false;
  }
}

bool UploadJournal::is_ready() {
  const Lock lock(mutex_);
  if (std::exchange(was_asked_, true)) return is_ready_;
  if (!make_directory()) return false;
  remove_old();
  return is_ready_ = true;
}

void UploadJournal::remove_old() const {
  std::error_code failed;
  fs::directory_iterator entry(directory_, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed))
    if (is_old(entry->path())) ::unlink(entry->path().c_str());
}

std::unique_ptr<UploadEntry> UploadJournal::open(const oci::Repository& repository,
                                                 const oci::Digest& blob) {
  if (!is_ready()) return nullptr;
  const fs::path path = directory_ / name_of(repository, blob);
  const FilePtr file = File::try_open(path.string(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  if (!file || ::flock(file->fd(), LOCK_EX | LOCK_NB) != 0 || !is_still_called(file->fd(), path))
    return nullptr;
  return std::make_unique<UploadEntry>(file, path, location_in(*file, path));
}

}  // namespace tote::registry

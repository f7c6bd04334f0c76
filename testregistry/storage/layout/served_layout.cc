#include "testregistry/storage/layout/served_layout.h"

#include "archive/oci_layout.h"
#include "base/error.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <utility>

namespace tote::testregistry {
namespace {

constexpr mode_t kMode = 0644;

std::string checked_name(const LayoutPlace& place) {
  std::string name = place.repository.empty()
                         ? std::filesystem::weakly_canonical(place.path).filename().string()
                         : place.repository;
  if (is_repository_name(name)) return name;
  throw Error(ErrorKind::kUsage, fmt::format("'{}' is no name of a repository", name))
      .with_hint(fmt::format("give it one: NAME={}", place.path.string()));
}

}  // namespace

bool ServedLayout::Stamp::operator==(const Stamp& other) const noexcept {
  return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
         changed.tv_nsec == other.changed.tv_nsec;
}

ServedLayout::ServedLayout(LayoutPlace place, LayoutOptions options)
    : place_(std::move(place)), options_(std::move(options)), manifests_(place_.path) {
  while_doing([&] { return fmt::format("Serving layout '{}'", place_.path.string()); },
              [&] {
                own_ = {archive::kNowhere, checked_name(place_)};
                repository_of_ = [this](const archive::IndexEntry& entry) {
                  return takes_all_names() ? entry.repository.path : own_.path;
                };
                if (options_.read_only) {
                  archive::expect_layout(place_.path);
                } else {
                  archive::prepare_layout(place_.path);
                  lock_ = archive::lock_layout(place_.path, archive::LayoutUse::kAdding);
                  change([](LayoutEdit&) { return false; });  // makes index.json if there is none
                }
                const Lock lock(mutex_);
                read_again();
              });
}

ServedLayout::~ServedLayout() {
  if (!lock_ || !options_.tidy) return;
  try {
    if (archive::try_change_use(lock_, archive::LayoutUse::kRemoving))
      archive::remove_passing_blobs(place_.path);
  } catch (const std::exception& failure) {
    tell(failure.what());
  }
}

void ServedLayout::tell(const std::string& line) const {
  options_.log(fmt::format("layout {}: {}", place_.path.string(), line));
}

ServedLayout::Stamp ServedLayout::stamp() const {
  struct stat info {};
  const std::string path = (place_.path / archive::kIndexJson).string();
  if (::lstat(path.c_str(), &info) != 0) throw io_error(fmt::format("stat {}", path));
  if (!S_ISREG(info.st_mode))
    throw Error(ErrorKind::kIo, fmt::format("{} is no regular file", path));
  return {info.st_ino, info.st_size, info.st_mtim};
}

archive::IndexEntries ServedLayout::parse(std::string_view text) {
  const auto read = [this](const oci::Digest& digest) -> std::optional<std::string> {
    const FilePtr file = try_open_layout_blob(place_.path, digest);
    if (!file || file->size() > oci::kMaxManifestSize) return std::nullopt;
    RangeSource content(file, 0, file->size());
    return read_all(content, oci::kMaxManifestSize, digest.str());
  };
  return {text, read, own_};
}

void ServedLayout::take(archive::IndexEntries index, std::string text, const Stamp& stamp) {
  records_ = std::make_shared<const LayoutRecords>(
      read_records(index.entries(), repository_of_, manifests_,
                   [this](const std::string& line) { tell(line); }));
  index_ = std::move(index);
  text_ = std::move(text);
  stamp_ = stamp;
}

void ServedLayout::read_again() {
  const Stamp now = stamp();
  if (index_ && now == stamp_) return;
  std::string text = read_file(place_.path / archive::kIndexJson, archive::kMaxMetadata);
  if (index_ && text == text_) {
    stamp_ = now;
    return;
  }
  archive::IndexEntries index = parse(text);
  take(std::move(index), std::move(text), now);
}

// What others have made of index.json and can not be read is as if they had not.
LayoutRecordsPtr ServedLayout::records() {
  const Lock lock(mutex_);
  try {
    read_again();
  } catch (const Error& failure) {
    tell(fmt::format("what was there before is served: {}", failure.message()));
  }
  return records_;
}

std::optional<Content> ServedLayout::find_blob(const oci::Digest& digest) const {
  FilePtr file = try_open_layout_blob(place_.path, digest);
  if (!file) return std::nullopt;
  const std::uint64_t size = file->size();
  return FileRange{std::move(file), 0, size};
}

void ServedLayout::put_bytes(const oci::Digest& digest, std::string_view bytes) {
  std::filesystem::path path;
  const FilePtr file = archive::open_passing_blob(place_.path, std::string(digest.algorithm_name()),
                                                  digest.hex(), path);
  if (::ftruncate(file->fd(), 0) != 0) throw io_error(fmt::format("cut {}", path.string()));
  file->write_at(as_bytes(bytes), 0);
  adopt(path, *file, digest);
}

void ServedLayout::adopt(const std::filesystem::path& path, const File& file,
                         const oci::Digest& digest) {
  if (::fchmod(file.fd(), kMode) != 0) throw io_error(fmt::format("chmod {}", path.string()));
  if (options_.sync) file.sync();
  const std::filesystem::path target = place_.path / archive::blob_path(digest);
  std::filesystem::create_directories(target.parent_path());
  rename_file(path, target);
  if (options_.sync) sync_directory(target.parent_path());
}

bool ServedLayout::change(const std::function<bool(LayoutEdit& edit)>& change) {
  const Lock lock(mutex_);
  bool is_changed = false;
  std::optional<archive::IndexEntries> index;
  std::string text = archive::change_index(
      place_.path, [&](const std::optional<std::string>& present) TOTE_REQUIRES(mutex_) {
        index = present && index_ && *present == text_
                    ? *index_
                    : parse(present.value_or(archive::encode_layout_index({})));
        LayoutEdit edit(index->entries(), repository_of_, own_, manifests_);
        is_changed = change(edit);
        return is_changed || !present ? index->text() : *present;
      });
  if (is_changed) take(*std::move(index), std::move(text), stamp());
  return is_changed;
}

}  // namespace tote::testregistry

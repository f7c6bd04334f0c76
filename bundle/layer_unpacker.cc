#include "bundle/layer_unpacker.h"

#include "base/codec/decompressor.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/read_ahead.h"
#include "base/text.h"
#include "bundle/entry_name.h"
#include "bundle/upstream_path.h"

#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEntries = 4'000'000;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::uint32_t kGroupAndOther = 077;
// Of a few bytes in a layer that claim to be a file.
constexpr std::uint64_t kMaxSparse = std::uint64_t{1} << 44U;

std::string_view parent_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

std::string below(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}/{}", parent, name);
}

// A tar without bits for others comes from imgpkg, which keeps the owner's only: they hold for all.
mode_t mode_of(const TarEntry& entry) {
  if ((entry.mode & kGroupAndOther) != 0) return entry.mode;
  const std::uint32_t user = (entry.mode >> 6U) & 7U;
  return static_cast<mode_t>(user << 6U | user << 3U | user);
}

// Nothing is there, or it is below something that is no directory: both are absence.
std::vector<std::string> children_of(const fs::path& directory) {
  std::vector<std::string> children;
  std::error_code absent;
  for (const fs::directory_entry& child : fs::directory_iterator(directory, absent))
    children.push_back(child.path().filename().string());
  return children;
}

bool is_real_directory(const fs::path& path) {
  std::error_code absent;
  return fs::is_directory(fs::symlink_status(path, absent));
}

// A hole is what is not written. The size comes first, which also tells at once whether the file
// system takes it.
void leave_hole(int fd, std::uint64_t hole, std::uint64_t file_size) {
  if (file_size > kMaxSparse)
    throw Error(ErrorKind::kParse,
                fmt::format("a sparse file of {} bytes, more than {}", file_size, kMaxSparse));
  if (::ftruncate(fd, static_cast<off_t>(file_size)) != 0) throw io_error("resize");
  if (::lseek(fd, static_cast<off_t>(hole), SEEK_CUR) < 0) throw io_error("seek");
}

}  // namespace

LayerUnpacker::LayerUnpacker(std::filesystem::path directory, std::stop_token stop)
    : directory_(std::move(directory)),
      stop_(std::move(stop)),
      keeps_owner_(::geteuid() == 0),
      buffer_(kStreamChunk) {}

void LayerUnpacker::apply(Source& layer, std::stop_source abandoned) {
  written_.clear();
  if (std::thread::hardware_concurrency() > 1) {
    ReadAhead read(layer, abandoned);
    DecompressedSource content(read);
    ReadAhead ahead(content, std::move(abandoned));
    unpack(ahead);
    drain(read);
  } else {
    DecompressedSource content(layer);
    unpack(content);
    drain(layer);
  }
}

void LayerUnpacker::drain(Source& rest) {
  while (rest.read_some(buffer_) != 0)
    if (stop_.stop_requested()) throw Cancelled();
}

// To its end: what decompresses it gives its verdict there.
void LayerUnpacker::unpack(Source& content) {
  TarReader tar(content);
  std::size_t count = 0;
  while (const std::optional<TarEntry> entry = tar.next()) {
    if (stop_.stop_requested()) throw Cancelled();
    if (++count > kMaxEntries)
      throw Error(ErrorKind::kParse, fmt::format("more than {} entries", kMaxEntries));
    try {
      add(*entry, tar);
    } catch (const fs::filesystem_error& failure) {
      throw Error(ErrorKind::kIo, fmt::format("entry '{}': {}", entry->name.substr(0, 200),
                                              to_lower(failure.code().message())));
    }
  }
  drain(content);
}

void LayerUnpacker::add(const TarEntry& entry, TarReader& tar) {
  const std::optional<std::string> name = clean_entry_name(entry.name);
  if (!name)
    throw Error(ErrorKind::kParse, fmt::format("entry '{}' leads out of the output directory",
                                               entry.name.substr(0, 200)));
  if (name->empty()) return;
  if (is_of_working_copy(*name)) {
    left_out_.records += entry.type == TarEntryType::kDirectory ? 0 : 1;
    return;
  }
  refuse_link_on_the_way(*name, entry);
  const std::string parent(parent_of(*name));
  const std::string base = parent.empty() ? *name : name->substr(parent.size() + 1);
  if (base.starts_with(kWhiteout)) return add_whiteout(parent, base);
  switch (entry.type) {
    case TarEntryType::kDirectory:
      return make_directory(*name);
    case TarEntryType::kFile:
      return write_file(*name, entry, tar);
    default:
      return leave_out(*name, entry);
  }
}

void LayerUnpacker::refuse_link_on_the_way(const std::string& name, const TarEntry& entry) const {
  for (std::string_view at = parent_of(name); !at.empty(); at = parent_of(at))
    if (links_.contains(at))
      throw Error(ErrorKind::kParse,
                  fmt::format("entry '{}' would be written through the symbolic link '{}'",
                              entry.name, at));
}

void LayerUnpacker::add_whiteout(const std::string& parent, const std::string& name) {
  if (name != kOpaque) {
    const std::string hidden = name.substr(kWhiteout.size());
    // ".wh." alone and ".wh..." would name the directory itself or the one above.
    if (hidden.empty() || hidden == "." || hidden == "..") return;
    return remove_lower(below(parent, hidden));
  }
  for (const std::string& child : children_of(directory_ / parent))
    remove_lower(below(parent, child));
  forget_links(parent, written_);
}

// Takes away what lower layers put there, not what this one did.
void LayerUnpacker::remove_lower(const std::string& name) {
  const fs::path path = directory_ / name;
  open_directory_ = UniqueFd();
  forget_links(name, written_);
  if (is_real_directory(path)) {
    for (const std::string& child : children_of(path)) remove_lower(name + "/" + child);
    if (!written_.contains(name) && fs::is_empty(path)) fs::remove(path);
  } else if (!written_.contains(name)) {
    std::error_code absent;
    fs::remove(path, absent);
  }
}

// The links at and below `name` go, which exist in this set alone.
void LayerUnpacker::forget_links(const std::string& name, const Names& spared) {
  if (links_.empty()) return;
  const auto drop = [&](Names::iterator at) {
    return spared.contains(*at) ? std::next(at) : links_.erase(at);
  };
  if (const auto itself = links_.find(name); itself != links_.end()) drop(itself);
  const std::string prefix = name.empty() ? "" : name + "/";
  for (auto at = links_.lower_bound(prefix); at != links_.end() && at->starts_with(prefix);)
    at = drop(at);
}

void LayerUnpacker::remove_all(const std::string& name) {
  forget_links(name, {});
  open_directory_ = UniqueFd();
  fs::remove_all(directory_ / name);
}

// Makes the directories above `name`, in the place of files that lower layers had there.
void LayerUnpacker::clear_the_way(const std::string& name) {
  for (std::size_t slash = name.find('/'); slash != std::string::npos;
       slash = name.find('/', slash + 1)) {
    const std::string above = name.substr(0, slash);
    if (!is_real_directory(directory_ / above)) remove_all(above);
    fs::create_directory(directory_ / above);
  }
}

void LayerUnpacker::make_directory(const std::string& name) {
  clear_the_way(name);
  if (!is_real_directory(directory_ / name)) remove_all(name);
  fs::create_directory(directory_ / name);
  written_.insert(name);
}

void LayerUnpacker::leave_out(const std::string& name, const TarEntry& entry) {
  clear_the_way(name);
  remove_all(name);  // it would have taken the place
  written_.insert(name);
  if (entry.type == TarEntryType::kSymbolicLink) {
    ++left_out_.symbolic_links;
    links_.insert(name);
  } else if (entry.type == TarEntryType::kHardLink) {
    ++left_out_.hard_links;
  } else {
    ++left_out_.others;
  }
}

// Nothing is there in most cases: what is, is removed only then.
UniqueFd LayerUnpacker::create(const std::string& name, const TarEntry& entry) {
  const std::string_view parent = parent_of(name);
  if (!open_directory_ || open_name_ != parent) {
    clear_the_way(name);
    open_directory_ = UniqueFd(
        ::open((directory_ / parent).c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!open_directory_) throw io_error(fmt::format("open {}", name));
    open_name_ = parent;
  }
  const std::string base = name.substr(parent.empty() ? 0 : parent.size() + 1);
  return UniqueFd(disk_call(DiskStep::kOpen, name, [&] {
    return ::openat(open_directory_.get(), base.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_of(entry));
  }));
}

void LayerUnpacker::copy_content(TarReader& tar, const TarEntry& entry, const File& file) {
  for (;;) {
    if (stop_.stop_requested()) throw Cancelled();
    if (const std::uint64_t hole = tar.skip_hole(); hole > 0) {
      leave_hole(file.fd(), hole, entry.size);
      continue;
    }
    const std::size_t size =
        while_doing([&] { return file.name(); }, [&] { return tar.content().read_some(buffer_); });
    if (size == 0) return;
    file.write(ConstBytes(buffer_).first(size));
  }
}

void LayerUnpacker::write_file(const std::string& name, const TarEntry& entry, TarReader& tar) {
  forget_links(name, {});
  written_.insert(name);
  UniqueFd fd = create(name, entry);
  if (!fd && errno == EEXIST) {
    remove_all(name);
    fd = create(name, entry);
  }
  if (!fd) throw io_error(fmt::format("open {}", name));
  const File file(std::move(fd), name);
  copy_content(tar, entry, file);
  if (keeps_owner_ &&
      ::fchown(file.fd(), static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid)) != 0)
    throw io_error(fmt::format("chown {}", name));
  const timespec when{entry.mtime, 0};
  const std::array<timespec, 2> times = {timespec{0, UTIME_NOW}, when};
  if (::futimens(file.fd(), times.data()) != 0) throw io_error(fmt::format("chtimes {}", name));
}

}  // namespace tote::bundle

#include "bundle/layer_unpacker.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEntries = 4'000'000;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::uint32_t kGroupAndOther = 077;

// "./a//b/" -> "a/b"; "" for the root.
std::string clean_name(const std::string& name) {
  const char separator = name.find('\\') != std::string::npos ? '\\' : '/';
  std::string out;
  for (const std::string& part : split(name, separator)) {
    if (part.empty() || part == ".") continue;
    if (part == "..")
      throw Error(ErrorKind::kParse,
                  fmt::format("entry '{}' leads out of the output directory", name));
    out += (out.empty() ? "" : "/") + part;
  }
  return out;
}

std::string parent_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

// A tar without bits for others comes from imgpkg, which keeps the owner's only: they hold for all.
mode_t mode_of(const TarEntry& entry) {
  if ((entry.mode & kGroupAndOther) != 0) return entry.mode;
  const std::uint32_t user = (entry.mode >> 6U) & 7U;
  return static_cast<mode_t>(user << 6U | user << 3U | user);
}

class DescriptorSink final : public Sink {
 public:
  explicit DescriptorSink(int fd) : fd_(fd) {}
  void write(ConstBytes data) override { write_all(fd_, data); }

 private:
  int fd_;
};

}  // namespace

void LayerUnpacker::apply(Source& layer) {
  written_.clear();
  TarReader tar(layer);
  while (const std::optional<TarEntry> entry = tar.next()) {
    if (written_.size() > kMaxEntries)
      throw Error(ErrorKind::kParse, fmt::format("more than {} entries", kMaxEntries));
    add(*entry, tar.content());
  }
  std::vector<std::byte> rest(kStreamChunk);
  while (layer.read_some(rest) != 0) {
  }
}

void LayerUnpacker::add(const TarEntry& entry, Source& content) {
  const std::string name = clean_name(entry.name);
  if (name.empty()) return;
  refuse_link_on_the_way(name, entry);
  const std::string parent = parent_of(name);
  const std::string base = parent.empty() ? name : name.substr(parent.size() + 1);
  if (base.starts_with(kWhiteout)) return add_whiteout(parent, base);
  switch (entry.type) {
    case TarEntryType::kDirectory:
      return make_directory(name);
    case TarEntryType::kFile:
      return write_file(name, entry, content);
    default:
      return leave_out(name, entry);
  }
}

void LayerUnpacker::refuse_link_on_the_way(const std::string& name, const TarEntry& entry) const {
  for (std::string at = parent_of(name); !at.empty(); at = parent_of(at))
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
    return remove_lower(parent.empty() ? hidden : parent + "/" + hidden);
  }
  std::error_code absent;
  std::vector<std::string> children;
  for (const fs::directory_entry& child : fs::directory_iterator(directory_ / parent, absent))
    children.push_back(child.path().filename().string());
  for (const std::string& child : children)
    remove_lower(parent.empty() ? child : parent + "/" + child);
}

// Takes away what lower layers put there, not what this one did.
void LayerUnpacker::remove_lower(const std::string& name) {
  if (!written_.contains(name)) links_.erase(name);
  const fs::path path = directory_ / name;
  if (fs::is_directory(fs::symlink_status(path))) {
    std::vector<std::string> children;
    for (const fs::directory_entry& child : fs::directory_iterator(path))
      children.push_back(child.path().filename().string());
    for (const std::string& child : children) remove_lower(name + "/" + child);
    if (!written_.contains(name) && fs::is_empty(path)) fs::remove(path);
  } else if (!written_.contains(name)) {
    fs::remove(path);
  }
}

void LayerUnpacker::make_directory(const std::string& name) {
  const fs::path path = directory_ / name;
  links_.erase(name);
  const fs::file_status status = fs::symlink_status(path);
  if (fs::exists(status) && !fs::is_directory(status)) fs::remove(path);
  fs::create_directories(path);
  written_.insert(name);
}

void LayerUnpacker::leave_out(const std::string& name, const TarEntry& entry) {
  std::error_code ignored;
  fs::remove_all(directory_ / name, ignored);  // it would have taken the place
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

void LayerUnpacker::write_file(const std::string& name, const TarEntry& entry, Source& content) {
  const fs::path path = directory_ / name;
  fs::create_directories(path.parent_path());
  fs::remove_all(path);
  links_.erase(name);
  written_.insert(name);
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_of(entry)));
  if (!file) throw io_error(fmt::format("open {}", name));
  DescriptorSink sink(file.get());
  while_doing([&] { return name; }, [&] { copy_stream(content, sink); });
  if (::geteuid() == 0 &&
      ::fchown(file.get(), static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid)) != 0)
    throw io_error(fmt::format("chown {}", name));
  const timespec when{entry.mtime, 0};
  const std::array<timespec, 2> times = {timespec{0, UTIME_NOW}, when};
  if (::futimens(file.get(), times.data()) != 0) throw io_error(fmt::format("chtimes {}", name));
}

}  // namespace tote::bundle

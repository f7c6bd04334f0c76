#include "archive/file_set.h"

#include "base/codec/tar_reader.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <vector>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 8;  // in a row

bool leads_out(const std::string& name) {
  const std::vector<std::string> parts = split(name, '/');
  return name.starts_with('/') || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

// "./a//b" is "a/b": tar begins names with "./" when it packs a directory, and whoever names an
// entry elsewhere may spell it otherwise.
std::string plain_name(const std::string& name) {
  return fs::path(name).lexically_normal().string();
}

class TarFiles final : public FileSet {
 public:
  TarFiles(ReaderPtr tar, std::size_t max_entries) : file_(std::move(tar)) { index(max_entries); }

  std::optional<FilePlace> find(const std::string& name) const override {
    std::string target = plain_name(name);
    for (int followed = 0; followed <= kMaxLinks; ++followed) {
      if (const auto file = files_.find(target); file != files_.end())
        return place_of(target, file->second);
      const auto link = links_.find(target);
      if (link == links_.end()) return std::nullopt;
      target = link->second;
    }
    return std::nullopt;
  }

 private:
  struct Range {
    std::uint64_t offset;
    std::uint64_t size;
    bool is_sparse;
  };

  FilePlace place_of(const std::string& name, const Range& range) const {
    if (range.is_sparse)
      throw Error(ErrorKind::kParse,
                  fmt::format("entry '{}' is a sparse file, which can not be read in place", name))
          .with_hint("pack the archive again without --sparse (-S)");
    return {file_, range.offset, range.size};
  }

  void index(std::size_t max_entries) {
    const std::uint64_t size = file_->size();
    TarReader tar(*file_);
    std::size_t count = 0;
    while (const std::optional<TarEntry> entry = tar.next()) {
      if (++count > max_entries)
        throw Error(ErrorKind::kParse, fmt::format("it has more than {} entries", max_entries));
      if (leads_out(entry->name))
        throw Error(ErrorKind::kParse, fmt::format("entry '{}' leads out of it", entry->name));
      if (entry->type == TarEntryType::kFile && !entry->is_sparse &&
          (entry->offset > size || entry->size > size - entry->offset))
        throw Error(ErrorKind::kParse, fmt::format("entry '{}' is cut short", entry->name));
      add(*entry);
    }
  }

  // Of several entries with one name the first counts, as in imgpkg.
  void add(const TarEntry& entry) {
    const std::string name = plain_name(entry.name);
    if (files_.contains(name) || links_.contains(name)) return;
    if (entry.type == TarEntryType::kFile)
      files_[name] = {entry.offset, entry.size, entry.is_sparse};
    else if (entry.type == TarEntryType::kHardLink)
      links_[name] = plain_name(entry.link_target);
    else if (entry.type == TarEntryType::kSymbolicLink)
      links_[name] = (fs::path(name).parent_path() / entry.link_target).lexically_normal().string();
  }

  ReaderPtr file_;
  std::map<std::string, Range> files_;
  std::map<std::string, std::string> links_;  // to names, which need not exist
};

class DirectoryFiles final : public FileSet {
 public:
  explicit DirectoryFiles(const fs::path& path)
      : path_(path), root_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!root_) throw io_error(fmt::format("open {}", path.string()));
  }

  // What a symbolic link leads to is checked against its digest like everything else; O_NONBLOCK
  // is for pipes that nobody writes to.
  std::optional<FilePlace> find(const std::string& name) const override {
    if (leads_out(name)) return std::nullopt;
    const std::string path = (path_ / name).string();
    UniqueFd file(disk_call(DiskStep::kOpen, path, [&] {
      return ::openat(root_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!file) throw io_error(fmt::format("open {}", path));
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) throw io_error(fmt::format("stat {}", path));
    if (!S_ISREG(info.st_mode)) return std::nullopt;
    return FilePlace{std::make_shared<const File>(std::move(file), path), 0,
                     static_cast<std::uint64_t>(info.st_size)};
  }

 private:
  fs::path path_;  // for messages
  UniqueFd root_;
};

}  // namespace

std::unique_ptr<Source> FilePlace::open(std::uint64_t skip) const {
  return std::make_unique<RangeSource>(bytes, offset + skip, size - skip);
}

std::optional<std::string> FileSet::read(const std::string& name, std::uint64_t limit) const {
  const std::optional<FilePlace> place = find(name);
  if (!place) return std::nullopt;
  if (place->size > limit)
    throw Error(ErrorKind::kParse, fmt::format("{} is larger than {} bytes", name, limit));
  std::string text(static_cast<std::size_t>(place->size), '\0');
  const std::unique_ptr<Source> content = place->open();
  text.resize(read_full(*content, std::as_writable_bytes(std::span(text))));
  return text;
}

std::unique_ptr<FileSet> open_tar(ReaderPtr tar, std::size_t max_entries) {
  return std::make_unique<TarFiles>(std::move(tar), max_entries);
}

std::unique_ptr<FileSet> open_directory(const fs::path& path) {
  return std::make_unique<DirectoryFiles>(path);
}

}  // namespace tote::archive

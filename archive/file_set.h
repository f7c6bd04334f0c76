// The files of an archive or of a layout directory, by name.
#pragma once

#include "base/random_access.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace tote::archive {

// Where content lies: a range of something that may be shared.
struct FilePlace {
  ReaderPtr bytes;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  // From `skip` bytes on. REQUIRES: skip <= size
  std::unique_ptr<Source> open(std::uint64_t skip = 0) const;
};

// Thread-safe.
class FileSet {
 public:
  FileSet() = default;
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;
  virtual ~FileSet() = default;

  // Links are followed inside the set, never out of it. nullopt: there is no such regular file.
  virtual std::optional<FilePlace> find(const std::string& name) const = 0;

  // The whole file, at most `limit` bytes: more is Error{kParse}. nullopt as above.
  std::optional<std::string> read(const std::string& name, std::uint64_t limit) const;
};

// What is read in place compressed may be small and have any number of entries.
inline constexpr std::size_t kMaxTarEntries = 1'000'000;

// A tar, indexed once. Error{kIo} when it can not be read; Error{kParse} when it is
// no tar, is cut short, has an entry whose name leads out of it, or more than `max_entries`;
// looking up a sparse file, which does not lie there as it is, is Error{kParse} too.
std::unique_ptr<FileSet> open_tar(ReaderPtr tar, std::size_t max_entries = kMaxTarEntries);

// A directory; files are looked up when they are asked for.
std::unique_ptr<FileSet> open_directory(const std::filesystem::path& path);

}  // namespace tote::archive

// Reading tar files of any dialect (ustar, pax, GNU), from untrusted bytes, by libarchive.
#pragma once

#include "base/random_access.h"
#include "base/stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tote {

enum class TarEntryType { kFile, kDirectory, kSymbolicLink, kHardLink, kOther };

struct TarEntry {
  // Exactly the bytes that are written there: may be absolute, may hold "..", need not be UTF-8,
  // never holds a NUL.
  std::string name;
  TarEntryType type = TarEntryType::kFile;
  std::string link_target;  // likewise
  std::uint32_t mode = 0;   // permission bits with setuid, setgid, sticky
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mtime = 0;    // seconds since 1970
  std::uint64_t size = 0;    // bytes of content, holes included
  std::uint64_t offset = 0;  // where the content begins in the (decompressed) tar
  bool is_sparse = false;    // what lies at `offset` is not the content: holes are left out
};

// Not thread-safe. Whatever is wrong with the bytes is Error{kParse}; what `tar` throws comes out
// as it is. An empty input is a tar without entries. Names that a NUL would shorten are refused.
class TarReader {
 public:
  // Reads `tar` once, forwards; gzip and zstd are recognised by their first bytes.
  explicit TarReader(Source& tar);
  // Reads an uncompressed tar and skips content by seeking. `tar` must outlive the reader.
  explicit TarReader(const RandomReader& tar);
  ~TarReader();

  // The next entry, or nullopt at the end.
  std::optional<TarEntry> next();
  // The content of the entry that next() returned last, once, with zeros for holes.
  Source& content();
  // Where the content goes on with a hole, skips it and returns its size in bytes; else returns 0.
  // Of any size in no time: content() would read it zero by zero.
  std::uint64_t skip_hole();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote

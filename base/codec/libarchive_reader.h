// One reader of libarchive's, whose failures are Errors. Internal to base/codec/.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <exception>
#include <string>
#include <sys/types.h>

struct archive;
struct archive_entry;

namespace tote {

// Where libarchive gets bytes from.
class ArchiveFeed {
 public:
  ArchiveFeed() = default;
  ArchiveFeed(const ArchiveFeed&) = delete;
  ArchiveFeed& operator=(const ArchiveFeed&) = delete;
  virtual ~ArchiveFeed() = default;
  // Valid until the next call; empty at the end.
  virtual ConstBytes read() = 0;
  // Returns how many of `bytes` it has skipped.
  virtual std::uint64_t skip(std::uint64_t bytes) = 0;
};

std::string text_or_empty(const char* text);

class LibarchiveReader {
 public:
  explicit LibarchiveReader(ArchiveFeed& feed);
  LibarchiveReader(const LibarchiveReader&) = delete;
  LibarchiveReader& operator=(const LibarchiveReader&) = delete;
  ~LibarchiveReader();

  struct ::archive* get() const noexcept {
    return archive_;
  }

  void open();
  // 0 at the end of the entry's content.
  std::size_t read_data(MutableBytes out);
  // What the feed has thrown, or Error{kParse} unless `result` is libarchive's ARCHIVE_OK.
  void check(int result);
  // False at the end. Warnings are errors: of a record that libarchive did not understand another
  // reader may make something else. But for one: in the plain locale it warns of every name that
  // is not ASCII, and leaves it as it is.
  bool next_header(::archive_entry** entry);

 private:
  template <class Call>
  static std::int64_t guarded(struct ::archive* archive, LibarchiveReader& me, Call call) noexcept;
  static ssize_t on_read(struct ::archive* archive, void* self, const void** out) noexcept;
  static std::int64_t on_skip(struct ::archive* archive, void* self, std::int64_t bytes) noexcept;

  ArchiveFeed& feed_;
  std::exception_ptr failure_;
  struct ::archive* archive_;
};

}  // namespace tote

// Bytes that a registry serves, wherever they are.
#pragma once

#include "base/file.h"
#include "base/stream.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace tote::testregistry {

// Bytes in memory that others may share.
struct MemoryRange {
  std::shared_ptr<const std::string> bytes;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes of a file; sent without passing through this process where the connection allows.
struct FileRange {
  FilePtr file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Bytes that are kept elsewhere: in an object store, in an upstream registry. Thread-safe.
class RemoteBytes {
 public:
  RemoteBytes() = default;
  RemoteBytes(const RemoteBytes&) = delete;
  RemoteBytes& operator=(const RemoteBytes&) = delete;
  virtual ~RemoteBytes() = default;

  // `length` bytes from `offset` on. It and its source may block, but not for ever: they have
  // limits of time of their own. Throws Error. REQUIRES: the bytes are there
  virtual std::unique_ptr<Source> open(std::uint64_t offset, std::uint64_t length) const = 0;
  // An absolute URL by which a client can fetch all of them itself within the next minutes; empty:
  // it has to be sent them. Does not block.
  virtual std::string url() const { return {}; }
};

struct RemoteRange {
  std::shared_ptr<const RemoteBytes> bytes;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

using Content = std::variant<MemoryRange, FileRange, RemoteRange>;
std::uint64_t content_length(const Content& content) noexcept;
// `length` bytes from `offset` on. REQUIRES: they are there
Content slice(Content content, std::uint64_t offset, std::uint64_t length);
// For tests and for storage that must read again what it has stored. May block, and throws Error,
// for what is remote.
std::unique_ptr<Source> open_content(const Content& content);
// Where a client may be sent instead of being sent `content`; empty: nowhere.
std::string url_of(const Content& content);

}  // namespace tote::testregistry

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
  std::shared_ptr<const UniqueFd> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

using Content = std::variant<MemoryRange, FileRange>;
std::uint64_t content_length(const Content& content) noexcept;
// `length` bytes from `offset` on. REQUIRES: they are there
Content slice(Content content, std::uint64_t offset, std::uint64_t length);
// For tests and for storage that must read again what it has stored.
std::unique_ptr<Source> open_content(const Content& content);

}  // namespace tote::testregistry

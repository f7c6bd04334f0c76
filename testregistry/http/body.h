// What an answer carries.
#pragma once

#include "base/stream.h"
#include "testregistry/values/content.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace tote::testregistry {

// Bytes that come a piece at a time, and are sent as they come. Read, and let go of, by workers: it
// may block. What fails or ends before the first byte makes the answer a failure; later, the
// connection ends.
struct SourceBody {
  std::unique_ptr<Source> source;
  std::uint64_t length = 0;  // what the head says; more than that is not read
};

using Body = std::variant<std::string, MemoryRange, FileRange, SourceBody>;
std::uint64_t body_length(const Body& body) noexcept;
// What is remote is opened when its first piece is wanted, which for HEAD is never.
Body make_body(Content content);

}  // namespace tote::testregistry

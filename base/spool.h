// Bytes whose digest must be known before they are sent: in memory while they are few, then in a
// file without a name.
#pragma once

#include "base/file.h"

#include <cstdint>
#include <memory>
#include <string>

namespace tote {

// The file lives in $TMPDIR (or /tmp) and vanishes with the last reader, also after kill -9.
// Movable; readers do not depend on the spool.
class Spool final : public Sink {
 public:
  static constexpr std::size_t kInMemory = 1 << 20;

  Spool() : memory_(std::make_shared<std::string>()) {}
  Spool(Spool&& other) noexcept
      : memory_(std::move(other.memory_)), file_(std::move(other.file_)), size_(other.size_) {}
  void write(ConstBytes data) override;
  std::uint64_t size() const noexcept { return size_; }
  // From `offset` to what has been written so far; write() must not follow.
  std::unique_ptr<Source> open(std::uint64_t offset = 0) const;

 private:
  std::shared_ptr<std::string> memory_;
  FilePtr file_;  // null while everything is in memory
  std::uint64_t size_ = 0;
};

}  // namespace tote

// Bytes whose digest must be known before they are sent: in memory while they are few, then in a
// file without a name.
#pragma once

#include "base/file.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace tote {

// The file vanishes with the last reader, also after kill -9. Movable; readers do not depend on the
// spool.
class Spool final : public Sink {
 public:
  static constexpr std::size_t kInMemory = 1 << 20;

  // `directory`: of the file, if there has to be one.
  Spool() : Spool("/tmp") {}
  explicit Spool(std::filesystem::path directory)
      : directory_(std::move(directory)), memory_(std::make_shared<std::string>()) {}
  Spool(Spool&& other) noexcept
      : directory_(std::move(other.directory_)),
        memory_(std::move(other.memory_)),
        file_(std::move(other.file_)),
        size_(other.size_) {}
  void write(ConstBytes data) override;
  std::uint64_t size() const noexcept { return size_; }
  // From `offset` to what has been written so far; write() must not follow.
  std::unique_ptr<Source> open(std::uint64_t offset = 0) const;

 private:
  std::filesystem::path directory_;
  std::shared_ptr<std::string> memory_;
  FilePtr file_;  // null while everything is in memory
  std::uint64_t size_ = 0;
};

}  // namespace tote

// Bytes at offsets: a file, or what is put together of several, or unpacked.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace tote {

// Shared by all who read it: thread-safe.
class RandomReader {
 public:
  RandomReader() = default;
  RandomReader(const RandomReader&) = delete;
  RandomReader& operator=(const RandomReader&) = delete;
  virtual ~RandomReader() = default;

  // What errors call it.
  virtual const std::string& name() const noexcept = 0;
  virtual std::uint64_t size() const = 0;
  // Reads until `out` is full or the bytes end; returns how much it got. Error{kIo}, or
  // Error{kParse} if what lies there is damaged.
  virtual std::size_t read_at(MutableBytes out, std::uint64_t offset) const = 0;
};
using ReaderPtr = std::shared_ptr<const RandomReader>;

// Open for both; several may write at once, to different places.
class RandomWriter : public RandomReader {
 public:
  // Error{kIo}.
  virtual void write_at(ConstBytes data, std::uint64_t offset) const = 0;
};
using WriterPtr = std::shared_ptr<const RandomWriter>;

// `length` bytes from `offset`; what ends early is Error{kIo}. Keeps no position in what it reads,
// so several may read one at once.
class RangeSource final : public Source {
 public:
  RangeSource(ReaderPtr bytes, std::uint64_t offset, std::uint64_t length)
      : bytes_(std::move(bytes)), offset_(offset), left_(length) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  const ReaderPtr bytes_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

}  // namespace tote

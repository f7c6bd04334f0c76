// A file as memory: for libraries that want all of it at once, without its taking memory.
#pragma once

#include "base/file.h"
#include "base/stream.h"

#include <cstdint>

namespace tote {

// The whole of a file without a name, which nobody else can cut short meanwhile. Movable.
class Mapping {
 public:
  // To be read. Error{kIo}.
  explicit Mapping(FilePtr file);
  // To be written: makes the file `size` bytes long, with blocks for all of them, so that a full
  // disk is noticed here and not in the middle. Error{kIo}.
  Mapping(FilePtr file, std::uint64_t size);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  ConstBytes bytes() const noexcept { return memory_; }
  // REQUIRES: it was made to be written
  MutableBytes to_write() noexcept { return memory_; }
  // Cuts the file to its first `size` bytes; nothing is mapped then. Error{kIo}.
  // REQUIRES: it was made to be written
  void shrink(std::uint64_t size);

 private:
  void unmap() noexcept;

  FilePtr file_;
  MutableBytes memory_;
};

}  // namespace tote

// Bytes that can only be had in whole blocks, each of which is verified, rebuilt or unpacked.
#pragma once

#include "base/mutex.h"
#include "base/random_access.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace tote {

// Keeps the blocks that were used last. Thread-safe; two threads may load one block at a time.
class BlockReader : public RandomReader {
 public:
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const final;

 protected:
  struct Block {
    std::uint64_t number;
    std::uint64_t begin;  // where it lies in the whole
    std::uint64_t size;
  };

  // `kept`: how many blocks, at least one.
  explicit BlockReader(std::size_t kept) : kept_(kept) {}

  // REQUIRES: offset < size()
  virtual Block block_at(std::uint64_t offset) const = 0;
  // All of it: block.size bytes. Thread-safe. Throws Error.
  virtual std::string load(const Block& block) const = 0;

 private:
  using Bytes = std::shared_ptr<const std::string>;
  Bytes find(std::uint64_t number) const;
  Bytes get(const Block& block) const;

  const std::size_t kept_;
  mutable Mutex mutex_;
  mutable std::deque<std::pair<std::uint64_t, Bytes>> blocks_
      TOTE_GUARDED_BY(mutex_);  // last first
};

}  // namespace tote

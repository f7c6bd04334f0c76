// A zstd file with a seek table, as what it unpacks to.
#pragma once

#include "base/block_reader.h"
#include "base/codec/seek_table.h"
#include "base/slots.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace tote {

// Unpacks the frames that are asked for, each of which is verified, and keeps 32 MiB of them (of
// the size that tote writes 8), as many at a time as there are cores, at most four. Thread-safe.
// What is damaged is Error{kParse} that says where.
class SeekableZstd final : public BlockReader {
 public:
  // `file` may hold more than these frames.
  SeekableZstd(ReaderPtr file, SeekTable table);

  // nullptr: it can not be read in place. Error{kIo}.
  static ReaderPtr try_open(ReaderPtr file);

  const std::string& name() const noexcept override { return file_->name(); }
  std::uint64_t size() const override { return table_.content_size(); }

 private:
  Block block_at(std::uint64_t offset) const override;
  std::string load(const Block& block) const override;

  const ReaderPtr file_;
  const SeekTable table_;
  mutable Slots unpacking_{std::clamp(std::thread::hardware_concurrency(), 1U,
                                      4U)};  // each holds a frame, packed and unpacked
};

}  // namespace tote

// Writing an archive compressed: content comes in any order, frames are written in theirs.
#pragma once

#include "archive/archive_part.h"
#include "archive/settled_ranges.h"
#include "base/codec/seek_table.h"
#include "base/codec/zstd_frame.h"
#include "base/mutex.h"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <vector>

namespace tote::archive {

inline constexpr std::uint32_t kZstdFrame = 4U << 20U;  // bytes of content in each but the last

// Content comes into FILE.part.tar, at its place. As soon as all up to there is settled, it is
// compressed frame by frame to the end of FILE.part, by one of the threads that settle something,
// and its blocks in FILE.part.tar are given back. What is settled is read no more in the same run.
class ZstdPart final : public ArchivePart {
 public:
  enum class Earlier { kForget, kKeep };

  // kKeep: the frames of an earlier run that are whole count as written, and settled. Error{kIo}:
  // another process writes there, or a file that is none of ours is in the way.
  ZstdPart(std::filesystem::path file, Earlier earlier);

  const std::string& name() const noexcept override { return frames_->name(); }
  std::uint64_t size() const override { return size_; }
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override;
  // Where frames are already, the same again; else Error{kIo}.
  void write_at(ConstBytes data, std::uint64_t offset) const override;
  // Error{kUsage} if it is larger than a seek table can say.
  void begin(std::uint64_t size) override;
  bool was_written(std::uint64_t offset, std::uint64_t size) const override;
  std::uint64_t before_hole(std::uint64_t offset, std::uint64_t size) const override;
  void settle(std::uint64_t offset, std::uint64_t size, const std::stop_token& stop) override;
  // REQUIRES: everything is settled
  void finish() override;
  void remove() noexcept override;

 private:
  void find_frames();
  bool take_frame();
  std::uint32_t next_size() const noexcept;  // of content
  void add_frame(ConstBytes frame);
  bool goes_on();
  void compress_frame();
  void give_back();

  const std::filesystem::path path_;
  const FilePtr frames_;  // locked
  const FilePtr plain_;
  std::uint64_t size_;  // of all content
  ReaderPtr earlier_;   // what the frames of an earlier run hold; null: there are none
  std::atomic<std::uint64_t> in_frames_ = 0;  // bytes of content
  Mutex mutex_;
  SettledRanges settled_ TOTE_GUARDED_BY(mutex_);
  bool is_compressing_ TOTE_GUARDED_BY(mutex_) = false;
  // Of the thread that compresses.
  SeekTable table_{kZstdFrame};
  ZstdFrameEncoder encoder_;
  std::vector<std::byte> content_;
  std::vector<std::byte> packed_;  // of an earlier run
  std::uint64_t given_back_ = 0;   // bytes of content
};

}  // namespace tote::archive

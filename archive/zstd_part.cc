#include "archive/zstd_part.h"

#include "archive/earlier_layers.h"
#include "base/codec/seekable_zstd.h"
#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <span>
#include <system_error>
#include <unistd.h>

namespace tote::archive {
namespace {

constexpr std::uint64_t kGiveBack = 16 * std::uint64_t{kZstdFrame};  // at a time

std::string plain_name(const std::filesystem::path& file) {
  return file.string() + ".part.tar";
}

bool is_ours(const FilePtr& plain) {
  try {
    return EarlierLayers(plain).is_archive();
  } catch (const Error&) {
    return false;
  }
}

// What stands at the beginning of FILE.part.tar may be given back already; then there are frames.
FilePtr open_plain(const File& frames, const std::filesystem::path& file) {
  std::array<std::byte, 4> first{};
  const std::size_t there = frames.read_at(first, 0);
  const bool has_frames = begins_zstd_frame(first);
  if (there == first.size() && !has_frames) throw_in_the_way(frames.name());
  FilePtr plain = File::open(plain_name(file), O_RDWR | O_CREAT | O_NOFOLLOW, 0666);
  if (!has_frames && plain->size() > 0 && !is_ours(plain)) throw_in_the_way(plain->name());
  return plain;
}

// One that was not there before does not stay.
FilePtr open_plain_beside(const File& frames, const std::filesystem::path& file) {
  try {
    return open_plain(frames, file);
  } catch (const Error&) {
    std::error_code failed;
    if (std::filesystem::file_size(frames.name(), failed) == 0) ::unlink(frames.name().c_str());
    throw;
  }
}

}  // namespace

ZstdPart::ZstdPart(std::filesystem::path file, Earlier earlier)
    : path_(std::move(file)),
      frames_(open_part(path_.string() + ".part")),
      plain_(open_plain_beside(*frames_, path_)),
      size_(plain_->size()) {
  if (earlier == Earlier::kKeep) find_frames();
}

// One of which a part is missing was being written; its content is in FILE.part.tar still.
void ZstdPart::find_frames() {
  while (in_frames_ < size_ && take_frame()) {
  }
  resize_file(*frames_, table_.frames_size());
  if (in_frames_ == 0) return;
  given_back_ = in_frames_;
  earlier_ = std::make_shared<const SeekableZstd>(frames_, table_);
  const Lock lock(mutex_);
  settled_.add(0, in_frames_);
}

bool ZstdPart::take_frame() {
  packed_.resize(max_zstd_frame(kZstdFrame));
  const ConstBytes there =
      std::span(packed_).first(frames_->read_at(packed_, table_.frames_size()));
  const auto found = zstd_frame_at(there);
  if (!found || found->content != next_size()) return false;
  const ConstBytes frame = there.first(found->frame);
  content_.resize(found->content);
  try {
    decode_zstd_frame(frame, content_);
  } catch (const Error&) {
    return false;
  }
  add_frame(frame);
  return true;
}

std::uint32_t ZstdPart::next_size() const noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(kZstdFrame, size_ - in_frames_));
}

void ZstdPart::add_frame(ConstBytes frame) {
  const std::uint32_t content = next_size();
  table_.add(static_cast<std::uint32_t>(frame.size()), content, zstd_frame_checksum(frame));
  in_frames_ += content;
}

std::size_t ZstdPart::read_at(MutableBytes out, std::uint64_t offset) const {
  const std::uint64_t from_frames = earlier_ ? earlier_->size() : 0;
  std::size_t filled = 0;
  if (offset < from_frames)
    filled = earlier_->read_at(out.first(std::min<std::uint64_t>(out.size(), from_frames - offset)),
                               offset);
  return filled + plain_->read_at(out.subspan(filled), offset + filled);
}

// A layer whose end was lost in a power cut comes again; its beginning may be in frames.
void ZstdPart::write_at(ConstBytes data, std::uint64_t offset) const {
  const std::uint64_t in_frames = in_frames_;
  if (offset < in_frames) {
    const ConstBytes known = data.first(std::min<std::uint64_t>(data.size(), in_frames - offset));
    std::vector<std::byte> found(known.size());
    if (read_at(found, offset) != known.size() || as_text(found) != as_text(known))
      throw Error(ErrorKind::kIo, fmt::format("{} holds other bytes than were written", name()))
          .with_hint("remove it");
    data = data.subspan(known.size());
    offset += known.size();
  }
  plain_->write_at(data, offset);
}

void ZstdPart::begin(std::uint64_t size) {
  if (size > std::uint64_t{kMaxZstdFrames} * kZstdFrame)
    throw Error(ErrorKind::kUsage,
                fmt::format("An archive of {} bytes can not be compressed: it may have {} at most",
                            size, std::uint64_t{kMaxZstdFrames} * kZstdFrame));
  expect_room(*plain_, size);
  earlier_ = nullptr;
  in_frames_ = given_back_ = 0;
  table_ = SeekTable(kZstdFrame);
  {
    const Lock lock(mutex_);
    settled_ = {};
  }
  resize_file(*frames_, 0);
  resize_file(*plain_, 0);
  resize_file(*plain_, size);
  size_ = size;
}

bool ZstdPart::was_written(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t begin = std::max<std::uint64_t>(offset, in_frames_);
  return begin >= offset + size || has_no_hole(*plain_, begin, offset + size - begin);
}

std::uint64_t ZstdPart::before_hole(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t begin = std::max<std::uint64_t>(offset, in_frames_);
  if (begin >= offset + size) return size;
  return begin - offset + bytes_before_hole(*plain_, begin, offset + size - begin);
}

// ---- compressing -------------------------------------------------------------------------------

void ZstdPart::settle(std::uint64_t offset, std::uint64_t size, const std::stop_token& stop) {
  {
    const Lock lock(mutex_);
    settled_.add(offset, size);
    if (is_compressing_) return;
    is_compressing_ = true;
  }
  try {
    while (goes_on()) {
      if (stop.stop_requested()) throw Cancelled();
      compress_frame();
    }
  } catch (...) {
    const Lock lock(mutex_);
    is_compressing_ = false;
    throw;
  }
}

// Nobody may settle something between the last look and the end.
bool ZstdPart::goes_on() {
  const Lock lock(mutex_);
  is_compressing_ = in_frames_ < size_ && in_frames_ + next_size() <= settled_.up_to();
  return is_compressing_;
}

void ZstdPart::compress_frame() {
  content_.resize(next_size());
  if (plain_->read_at(content_, in_frames_) != content_.size())
    throw Error(ErrorKind::kIo, fmt::format("{} has become shorter", plain_->name()));
  const ConstBytes frame = encoder_.encode(content_);
  frames_->write_at(frame, table_.frames_size());
  add_frame(frame);
  if (in_frames_ - given_back_ >= kGiveBack) give_back();
}

// After a power cut each byte is in one of the two files. Where a file system can not do it, the
// blocks go at the end.
void ZstdPart::give_back() {
  frames_->sync();
  ::fallocate(plain_->fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              static_cast<off_t>(given_back_), static_cast<off_t>(in_frames_ - given_back_));
  given_back_ = in_frames_;
}

void ZstdPart::finish() {
  if (in_frames_ != size_) throw Error(ErrorKind::kInternal, "something was never settled");
  const std::string table = table_.encode();
  frames_->write_at(as_bytes(table), table_.frames_size());
  resize_file(*frames_, table_.frames_size() + table.size());
  frames_->sync();
  rename_file(name(), path_);
  ::unlink(plain_->name().c_str());
}

void ZstdPart::remove() noexcept {
  ::unlink(name().c_str());
  ::unlink(plain_->name().c_str());
}

}  // namespace tote::archive

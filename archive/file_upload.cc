#include "archive/file_upload.h"

#include "base/error.h"
#include "oci/verify.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tote::archive {
namespace {

constexpr std::size_t kCopyBuffer = 256 * 1024;

void verify(const ReaderPtr& file, std::uint64_t start, const oci::Descriptor& blob,
            const std::stop_token& stop) {
  oci::VerifyingSource content(std::make_unique<RangeSource>(file, start, blob.size), blob);
  std::vector<std::byte> buffer(kCopyBuffer);
  while (content.read_some(buffer) > 0)
    if (stop.stop_requested()) throw Cancelled();
}

}  // namespace

void FileUpload::append(Source& content, std::uint64_t size) {
  // A source from the first byte on is verified by the time it reports its end.
  const bool from_start = offset_ == 0;
  std::vector<std::byte> buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(size, kCopyBuffer)));
  for (const std::uint64_t end = offset_ + size; offset_ < end;)
    write_next(content, std::span(buffer).first(static_cast<std::size_t>(
                            std::min<std::uint64_t>(end - offset_, buffer.size()))));
  expect_end(content);
  verified_ = from_start && offset_ == blob_.size;
}

// Writes as much as fits into `buffer` at once: threads that write one file wait for each other. If
// less comes that is written too, for a second try to go on there.
void FileUpload::write_next(Source& content, MutableBytes buffer) {
  std::size_t filled = 0;
  const auto write = [&] {
    if (filled == 0) return;
    file_->write_at(buffer.first(filled), start_ + offset_);
    offset_ += filled;
  };
  try {
    while (filled < buffer.size()) {
      if (stop_.stop_requested()) throw Cancelled();
      const std::size_t n = content.read_some(buffer.subspan(filled));
      if (n == 0) oci::throw_wrong_size(offset_ + filled, blob_.size);
      filled += n;
    }
  } catch (...) {
    write();
    throw;
  }
  write();
}

void FileUpload::commit() {
  if (offset_ != blob_.size) oci::throw_wrong_size(offset_, blob_.size);
  if (!verified_) verify_written();
  on_commit_();
}

void FileUpload::verify_written() {
  try {
    verify(file_, start_, blob_, stop_);
  } catch (Error& error) {
    if (!std::exchange(is_on_trust_, false)) throw;
    offset_ = 0;
    error.try_at_once();
    throw;
  }
}

bool holds(const ReaderPtr& file, std::uint64_t start, const oci::Descriptor& blob,
           const std::stop_token& stop) {
  try {
    verify(file, start, blob, stop);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace tote::archive

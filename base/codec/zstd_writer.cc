#include "base/codec/zstd_writer.h"

#include <algorithm>

namespace tote {
namespace {

constexpr std::size_t kFrame = 4U << 20U;

}  // namespace

ZstdWriter::ZstdWriter(Sink& out, Hasher* content) : out_(out), content_(content) {
  frame_.reserve(kFrame);
}

void ZstdWriter::write(ConstBytes data) {
  if (content_ != nullptr) content_->update(data);
  while (!data.empty()) {
    const ConstBytes part = data.first(std::min(data.size(), kFrame - frame_.size()));
    frame_.insert(frame_.end(), part.begin(), part.end());
    data = data.subspan(part.size());
    if (frame_.size() == kFrame) write_frame();
  }
}

void ZstdWriter::finish() {
  if (is_empty_ || !frame_.empty()) write_frame();
}

void ZstdWriter::write_frame() {
  out_.write(encoder_.encode(frame_));
  frame_.clear();
  is_empty_ = false;
}

}  // namespace tote

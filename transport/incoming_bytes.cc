#include "transport/incoming_bytes.h"

#include <algorithm>

namespace tote::transport {

std::size_t IncomingBytes::take(MutableBytes out) noexcept {
  const ConstBytes waiting = as_bytes(overflow_).subspan(overflow_read_);
  const std::size_t n = std::min(out.size(), waiting.size());
  copy_bytes(waiting.first(n), out);
  overflow_read_ += n;
  return n;
}

void IncomingBytes::expect(MutableBytes out) noexcept {
  out_ = out;
  filled_ = 0;
}

std::size_t IncomingBytes::stop_expecting() noexcept {
  out_ = {};
  return filled_;
}

bool IncomingBytes::offer(ConstBytes bytes) {
  if (filled_ >= out_.size()) return false;
  const std::size_t fits = std::min(bytes.size(), out_.size() - filled_);
  copy_bytes(bytes.first(fits), out_.subspan(filled_));
  filled_ += fits;
  overflow_.assign(as_text(bytes.subspan(fits)));
  overflow_read_ = 0;
  return true;
}

}  // namespace tote::transport

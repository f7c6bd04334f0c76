#include "base/random_access.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote {

std::size_t RangeSource::read_some(MutableBytes out) {
  if (left_ == 0) return 0;
  if (out.size() > left_) out = out.first(static_cast<std::size_t>(left_));
  const std::size_t n = bytes_->read_at(out, offset_);
  if (n == 0)
    throw Error(ErrorKind::kIo,
                fmt::format("read {}: the file is shorter than it was", bytes_->name()));
  offset_ += n;
  left_ -= n;
  return n;
}

}  // namespace tote

// Bytes that are pushed by one side and pulled by the other, of which the first must not push while
// the second does not wait.
#pragma once

#include "base/stream.h"

#include <string>

namespace tote::transport {

// Not thread-safe. Bytes go straight to the reader's memory; what does not fit waits here.
class IncomingBytes {
 public:
  // The reader: takes of what waits; 0: nothing does.
  std::size_t take(MutableBytes out) noexcept;
  // The reader waits, for bytes that go to `out`, until stop_expecting(), which says how many came.
  void expect(MutableBytes out) noexcept;
  std::size_t filled() const noexcept { return filled_; }
  std::size_t stop_expecting() noexcept;

  // The other side: false if nobody waits or has room; then the bytes have to be offered again.
  bool offer(ConstBytes bytes);

 private:
  MutableBytes out_;
  std::size_t filled_ = 0;
  std::string overflow_;
  std::size_t overflow_read_ = 0;
};

}  // namespace tote::transport

// Reading on a thread of its own, ahead of who wants the bytes.
#pragma once

#include "base/stream.h"

#include <memory>
#include <stop_token>

namespace tote {

// Gives what `inner` has. Behind the first two pieces of 128 KiB it is read by another thread,
// which is at most three pieces ahead; where there is none to be had, by the caller. What `inner`
// throws comes out behind what was read before it. Not thread-safe, but `inner` belongs to the
// other thread until the end, or a failure, was read or this is destroyed.
//
// Who goes before the end waits until the read that is under way returns; `abandoned` is asked to
// stop before, so that one that waits for a network can be cut short.
class ReadAhead final : public Source {
 public:
  explicit ReadAhead(Source& inner,
                     std::stop_source abandoned = std::stop_source(std::nostopstate));
  ~ReadAhead() override;
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote

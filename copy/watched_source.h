// Content that tells how far it has been read.
#pragma once

#include "base/stream.h"
#include "copy/event.h"

#include <memory>
#include <utility>

namespace tote::copy {

// A blob from `offset` on. `work` and `observer`, which may be empty, must outlive it.
class WatchedSource final : public Source {
 public:
  WatchedSource(std::unique_ptr<Source> inner, const BlobWork& work, std::uint64_t offset,
                const Observer& observer)
      : inner_(std::move(inner)), work_(work), position_(offset), observer_(observer) {}

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const std::size_t n = inner_->read_some(out);
    position_ += n;
    if (n > 0 && observer_) observer_(BlobAdvanced{work_, position_});
    return n;
  }

 private:
  const std::unique_ptr<Source> inner_;
  const BlobWork& work_;
  std::uint64_t position_;
  const Observer& observer_;
};

}  // namespace tote::copy

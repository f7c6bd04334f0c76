// The memory that a connection holds while a body moves: little, unless many bytes will come from
// somebody who may send them. For one I/O thread. Internal to server.cc, like session.h.
#pragma once

#include "base/stream.h"
#include "testregistry/http/handler.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tote::testregistry {

class BodyBuffers {
 public:
  static constexpr std::size_t kUsual = 128 * 1024;
  // Handing a piece to a worker costs the more the smaller the pieces are; a few uploads at a time
  // get larger ones.
  static constexpr std::size_t kLarge = 1 << 20;
  static constexpr std::size_t kIdle = 4096;

  // `large_bodies`: how many on this thread have large ones; must outlive it.
  explicit BodyBuffers(std::size_t& large_bodies) : large_bodies_(large_bodies) {}
  BodyBuffers(const BodyBuffers&) = delete;
  BodyBuffers& operator=(const BodyBuffers&) = delete;
  ~BodyBuffers() { free(); }

  // For what is read or sent next. Stays as it is until free() or hand_over().
  MutableBytes front() { return front_; }
  MutableBytes need(std::uint64_t at_most, std::size_t limit) {
    if (front_.empty())
      front_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(at_most, limit)));
    return front_;
  }
  // Of a body that is received; `left` of it, if that is known.
  MutableBytes need_for(BodyKind kind, std::optional<std::uint64_t> left) {
    return need(left.value_or(kUsual), limit_for(kind, left));
  }
  // For one who must not hold more than whoever only listens.
  MutableBytes need_idle() {
    if (front_.size() != kIdle) free();
    return need(kIdle, kIdle);
  }

  // What is in front becomes a worker's; in front is what that had before.
  MutableBytes hand_over() {
    std::swap(front_, workers_);
    return workers_;
  }

  void free() {
    front_ = workers_ = {};
    if (std::exchange(is_large_, false)) --large_bodies_;
  }

 private:
  static constexpr std::size_t kSmall = 8 * 1024;
  static constexpr std::size_t kLargeBodies = 8;

  // Whoever is not known to be allowed to send much gets little memory.
  std::size_t limit_for(BodyKind kind, std::optional<std::uint64_t> left) {
    if (kind == BodyKind::kSmall) return kSmall;
    if (left && *left > kUsual) claim_large();
    return is_large_ ? kLarge : kUsual;
  }

  void claim_large() {
    if (!front_.empty() || !workers_.empty() || large_bodies_ == kLargeBodies) return;
    is_large_ = true;
    ++large_bodies_;
  }

  std::size_t& large_bodies_;
  std::vector<std::byte> front_;
  std::vector<std::byte> workers_;
  bool is_large_ = false;  // counted in large_bodies_
};

}  // namespace tote::testregistry

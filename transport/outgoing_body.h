// The body of a request on its way out.
#pragma once

#include "transport/http.h"

#include <cstdint>
#include <optional>

namespace tote::transport {

// Not thread-safe. Keeps no copy of the bytes.
class OutgoingBody {
 public:
  explicit OutgoingBody(const Body& body) : body_(body), unsent_(body.size()) {}

  std::uint64_t unsent() const noexcept { return unsent_; }
  // The bytes that come next, 0 at the end; nullopt if there are more, but it has been given up.
  // Throws what the body's source throws, Error{kInternal} for one that is too short.
  std::optional<std::size_t> read(MutableBytes out);
  // Back to the start; false if that can not be.
  bool rewind() noexcept;
  // Whoever owns the bytes, or the source, needs them no longer.
  void give_up() noexcept { is_given_up_ = true; }

 private:
  Body body_;
  std::uint64_t unsent_;
  bool is_given_up_ = false;
};

}  // namespace tote::transport

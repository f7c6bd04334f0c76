#include "transport/outgoing_body.h"

#include "base/error.h"

#include <algorithm>

namespace tote::transport {

std::optional<std::size_t> OutgoingBody::read(MutableBytes out) {
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), unsent_));
  if (want == 0) return 0;
  if (is_given_up_) return std::nullopt;
  std::size_t n = want;
  if (Source* const source = body_.source())
    n = source->read_some(out.first(want));
  else
    copy_bytes(body_.bytes().last(static_cast<std::size_t>(unsent_)).first(want), out);
  if (n == 0) throw Error(ErrorKind::kInternal, "a request body is shorter than it was said to be");
  unsent_ -= n;
  return n;
}

bool OutgoingBody::rewind() noexcept {
  if (is_given_up_ || !body_.can_be_sent_again()) return false;
  unsent_ = body_.size();
  return true;
}

}  // namespace tote::transport

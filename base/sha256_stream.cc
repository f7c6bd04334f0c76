#include "base/sha256_stream.h"

#include "base/sha256_openssl.h"

#include <algorithm>
#include <utility>

namespace tote {
namespace {

constexpr std::uint64_t kLong = 1U << 20U;  // bytes; shorter messages are not worth a meeting

void put_big_endian(std::uint64_t number, std::span<std::byte> out) {
  for (std::size_t i = out.size(); i-- > 0; number >>= 8U) out[i] = static_cast<std::byte>(number);
}

}  // namespace

Sha256Stream::~Sha256Stream() {
  if (member_.is_in()) combiner_.leave(member_);
}

void Sha256Stream::update(ConstBytes data) {
  bytes_ += data.size();
  if (!member_.has_put()) {
    if (bytes_ < kLong || !combiner_.has_company_for(member_)) return hash(data);
    combiner_.put(member_, std::span(block_).first(std::exchange(begun_, 0)));
  }
  combiner_.put(member_, data);
}

void Sha256Stream::hash(ConstBytes data) {
  if (begun_ != 0) {
    const std::size_t n = std::min(data.size(), kSha256Block - begun_);
    std::copy_n(data.begin(), n, block_.begin() + static_cast<std::ptrdiff_t>(begun_));
    begun_ += n;
    if (begun_ < kSha256Block) return;
    data = data.subspan(n);
    sha256_by_openssl(state_, block_.data(), 1);
  }
  const std::size_t blocks = data.size() / kSha256Block;
  if (blocks != 0) sha256_by_openssl(state_, data.data(), blocks);
  const ConstBytes rest = data.subspan(blocks * kSha256Block);
  std::copy(rest.begin(), rest.end(), block_.begin());
  begun_ = rest.size();
}

std::vector<std::byte> Sha256Stream::finish() {
  if (member_.has_put())
    hash(combiner_.drain(member_));
  else if (member_.is_in())
    combiner_.leave(member_);
  // A bit, zeros, and the length in bits at the end of a block.
  std::array<std::byte, 2 * kSha256Block> padding{std::byte{0x80}};
  const std::size_t length_at = (begun_ < 56 ? 56 : 56 + kSha256Block) - begun_;
  put_big_endian(bytes_ * 8, std::span(padding).subspan(length_at, 8));
  hash(std::span(padding).first(length_at + 8));
  std::vector<std::byte> digest(32);
  for (std::size_t i = 0; i < state_.size(); ++i)
    put_big_endian(state_[i], std::span(digest).subspan(4 * i, 4));
  return digest;
}

}  // namespace tote

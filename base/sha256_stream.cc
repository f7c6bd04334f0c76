#include "base/sha256_stream.h"

#include "base/sha256_openssl.h"

#include <algorithm>

namespace tote {
namespace {

constexpr std::size_t kWorthMeeting = 16U << 10U;  // bytes; less is done sooner than handed on

void put_big_endian(std::uint64_t number, std::span<std::byte> out) {
  for (std::size_t i = out.size(); i-- > 0; number >>= 8U) out[i] = static_cast<std::byte>(number);
}

}  // namespace

void Sha256Stream::update(ConstBytes data) {
  const std::size_t begun = bytes_ % kSha256Block;
  bytes_ += data.size();
  if (begun != 0) {
    const std::size_t n = std::min(data.size(), kSha256Block - begun);
    std::copy_n(data.begin(), n, begun_.begin() + static_cast<std::ptrdiff_t>(begun));
    data = data.subspan(n);
    if (begun + n < kSha256Block) return;
    advance(begun_);
  }
  const std::size_t whole = data.size() - data.size() % kSha256Block;
  advance(data.first(whole));
  std::copy(data.begin() + static_cast<std::ptrdiff_t>(whole), data.end(), begun_.begin());
}

void Sha256Stream::advance(ConstBytes blocks) {
  const std::size_t count = blocks.size() / kSha256Block;
  if (blocks.size() >= kWorthMeeting)
    combiner_->advance(state_, blocks.data(), count);
  else if (count != 0)
    sha256_by_openssl(state_, blocks.data(), count);
}

std::vector<std::byte> Sha256Stream::finish() {
  // A bit, zeros, and the length in bits at the end of a block.
  std::array<std::byte, 2 * kSha256Block> padding{std::byte{0x80}};
  const std::size_t begun = bytes_ % kSha256Block;
  const std::size_t length_at = (begun < 56 ? 56 : 56 + kSha256Block) - begun;
  put_big_endian(bytes_ * 8, std::span(padding).subspan(length_at, 8));
  update(std::span(padding).first(length_at + 8));
  std::vector<std::byte> digest(32);
  for (std::size_t i = 0; i < state_.size(); ++i)
    put_big_endian(state_[i], std::span(digest).subspan(4 * i, 4));
  return digest;
}

}  // namespace tote

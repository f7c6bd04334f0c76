#include "testregistry/trailing_hash.h"

#include "base/error.h"
#include "base/file.h"

#include <algorithm>
#include <array>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kPiece = 64 * 1024;
constexpr std::uint64_t kWorthFollowing = 128 * 1024;  // less is done sooner than handed on
constexpr std::uint64_t kFarBehind = 16 << 20;         // still in the page cache

}  // namespace

bool TrailingHash::grow_to(std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  written_ = size;
  if (followed_ || finished_ || written_ - hashed_ < kWorthFollowing) return false;
  followed_ = true;
  return true;
}

void TrailingHash::follow(int file, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  try {
    while (!stop.stop_requested() && !hashing_ && !finished_ && hashed_ < written_)
      hash_piece(lock, file);
  } catch (...) {
    followed_ = false;
    throw;
  }
  followed_ = false;
}

void TrailingHash::keep_up(int file, std::uint64_t bytes) {
  std::uint64_t goal = 0;
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || written_ - hashed_ <= kFarBehind) return;
    goal = std::min(written_ - kFarBehind, hashed_ + 2 * bytes);
  }
  hash_to(file, goal);
}

std::optional<oci::Digest> TrailingHash::finish(int file, HashAlgorithm algorithm) {
  if (hasher_.algorithm() != algorithm) return std::nullopt;
  hash_to(file, UINT64_MAX);
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return std::nullopt;
  return oci::Digest::of(hasher_);
}

void TrailingHash::hash_to(int file, std::uint64_t goal) {
  std::unique_lock lock(mutex_);
  while (hashed_ < std::min(goal, written_) || hashing_) {
    if (hashing_)
      moved_.wait(lock);
    else
      hash_piece(lock, file);
  }
}

void TrailingHash::hash_piece(std::unique_lock<std::mutex>& lock, int file) {
  std::array<std::byte, kPiece> piece;
  const auto want = static_cast<std::size_t>(std::min(kPiece, written_ - hashed_));
  const std::uint64_t from = hashed_;
  hashing_ = true;
  lock.unlock();
  std::size_t got = 0;
  std::exception_ptr failure;
  try {
    got = read_at(file, std::span(piece).first(want), from);
    if (got == 0) throw Error(ErrorKind::kIo, "an upload has become shorter");
    hasher_.update(std::span(piece).first(got));
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  hashing_ = false;
  hashed_ += got;
  moved_.notify_all();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tote::testregistry

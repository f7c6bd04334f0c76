#include "testregistry/storage/directory/trailing_hash.h"

#include "base/error.h"
#include "base/file.h"
#include "base/mutex.h"

#include <algorithm>
#include <array>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kPiece = 64 * 1024;
constexpr std::uint64_t kWorthFollowing = 128 * 1024;  // less is done sooner than handed on
constexpr std::uint64_t kTurn = 8 << 20;
constexpr std::uint64_t kFarBehind = 16 << 20;  // still in the page cache

}  // namespace

void TrailingHash::grow_to(std::uint64_t size) {
  const Lock lock(mutex_);
  if (size < hashed_) spent_ = true;
  written_ = std::max(size, hashed_);
}

bool TrailingHash::wants_follower() {
  const Lock lock(mutex_);
  if (followed_ || spent_ || written_ - hashed_ < kWorthFollowing) return false;
  followed_ = true;
  return true;
}

bool TrailingHash::follow(const File& file, const std::stop_token& stop) {
  Lock lock(mutex_);
  const std::uint64_t end_of_turn = hashed_ + kTurn;
  const auto is_on = [&]() TOTE_REQUIRES(mutex_) {
    return !stop.stop_requested() && !hashing_ && !spent_ && hashed_ < written_;
  };
  try {
    while (is_on() && hashed_ < end_of_turn) hash_piece(lock, file);
  } catch (...) {
    followed_ = false;
    throw;
  }
  return followed_ = is_on();
}

void TrailingHash::unfollow() {
  const Lock lock(mutex_);
  followed_ = false;
}

void TrailingHash::keep_up(const File& file, std::uint64_t bytes) {
  std::uint64_t goal = 0;
  {
    const Lock lock(mutex_);
    if (spent_ || written_ - hashed_ <= kFarBehind) return;
    goal = std::min(written_ - kFarBehind, hashed_ + 2 * bytes);
  }
  hash_to(file, goal);
}

std::optional<oci::Digest> TrailingHash::finish(const File& file, HashAlgorithm algorithm) {
  {
    const Lock lock(mutex_);
    if (spent_ || hasher_.algorithm() != algorithm) return std::nullopt;
  }
  hash_to(file, UINT64_MAX);
  const Lock lock(mutex_);
  if (std::exchange(spent_, true)) return std::nullopt;
  return oci::Digest::of(hasher_);
}

void TrailingHash::abandon() {
  const Lock lock(mutex_);
  spent_ = true;
}

// Who is in the middle of a piece has not counted it yet.
void TrailingHash::hash_to(const File& file, std::uint64_t goal) {
  Lock lock(mutex_);
  while (hashed_ < std::min(goal, written_)) {
    if (hashing_)
      moved_.wait(lock);
    else
      hash_piece(lock, file);
  }
}

// The analysis does not know that `lock` is of the mutex.
void TrailingHash::hash_piece(Lock& lock, const File& file) TOTE_NO_THREAD_SAFETY_ANALYSIS {
  std::array<std::byte, kPiece> piece;
  const auto want = static_cast<std::size_t>(std::min(kPiece, written_ - hashed_));
  const std::uint64_t from = hashed_;
  hashing_ = true;
  lock.unlock();
  std::size_t got = 0;
  std::exception_ptr failure;
  try {
    got = file.read_at(std::span(piece).first(want), from);
    if (got == 0) throw Error(ErrorKind::kIo, "an upload has become shorter");
    hasher_.update(std::span(piece).first(got));
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  hashing_ = false;
  if (failure)
    spent_ = true;  // who knows what the hasher has taken
  else
    hashed_ += got;
  moved_.notify_all();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tote::testregistry

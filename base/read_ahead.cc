#include "base/read_ahead.h"

#include "base/mutex.h"

#include <algorithm>
#include <array>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kPieces = 4;

// Empty at the end, which `failure` may be.
struct Piece {
  std::vector<std::byte> buffer = std::vector<std::byte>(kStreamChunk);
  std::size_t size = 0;
  std::exception_ptr failure;
};

// False: it is the last one.
bool fill(Source& from, Piece& piece) noexcept {
  piece.size = 0;
  try {
    piece.size = from.read_some(piece.buffer);
  } catch (...) {
    piece.failure = std::current_exception();
  }
  return piece.size > 0;
}

}  // namespace

class ReadAhead::Impl {
 public:
  Impl(Source& inner, std::stop_source abandoned)
      : inner_(inner), abandoned_(std::move(abandoned)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    if (!reader_.joinable()) return;
    if (!is_over_) abandoned_.request_stop();
    reader_.request_stop();
  }

  std::size_t read(MutableBytes out) {
    if (rest_.empty() && !is_over_) next_piece();
    const ConstBytes bytes = rest_.first(std::min(rest_.size(), out.size()));
    copy_bytes(bytes, out);
    rest_ = rest_.subspan(bytes.size());
    return bytes.size();
  }

 private:
  void next_piece() {
    Piece& piece = reader_.joinable() ? wait_for_piece() : first_piece();
    rest_ = ConstBytes(piece.buffer).first(piece.size);
    is_over_ = rest_.empty();
    if (piece.failure) std::rethrow_exception(std::exchange(piece.failure, nullptr));
  }

  // Most of what is read is shorter than what a thread costs.
  Piece& first_piece() {
    const bool goes_on = fill(inner_, pieces_[0]);
    if (goes_on && was_begun_ && !is_alone_) try_thread();
    was_begun_ = true;
    return pieces_[0];
  }

  // Takes the piece that was given out before as read.
  Piece& wait_for_piece() {
    Lock lock(mutex_);
    if (is_given_out_) ++taken_;
    changed_.notify_all();
    changed_.wait(lock, [this]() TOTE_REQUIRES(mutex_) { return filled_ > taken_; });
    is_given_out_ = true;
    return pieces_[taken_ % kPieces];
  }

  void try_thread() {
    {
      const Lock lock(mutex_);
      filled_ = 1;  // what the caller is about to read
      is_given_out_ = true;
    }
    try {
      reader_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error&) {
      is_alone_ = true;
    }
  }

  void work(const std::stop_token& stop) {
    for (std::size_t i = 1;; ++i) {
      {
        Lock lock(mutex_);
        changed_.wait(lock, stop, [&]() TOTE_REQUIRES(mutex_) { return i - taken_ < kPieces; });
        if (stop.stop_requested()) return;
      }
      const bool goes_on = fill(inner_, pieces_[i % kPieces]);
      {
        const Lock lock(mutex_);
        ++filled_;
      }
      changed_.notify_all();
      if (!goes_on) return;
    }
  }

  Source& inner_;
  std::stop_source abandoned_;
  std::array<Piece, kPieces> pieces_;
  ConstBytes rest_;         // of the piece that is given out
  bool was_begun_ = false;  // one piece was read
  bool is_over_ = false;    // the end or a failure was seen
  bool is_alone_ = false;   // there is no other thread to be had
  Mutex mutex_;
  Condition changed_;
  std::size_t filled_ TOTE_GUARDED_BY(mutex_) = 0;
  std::size_t taken_ TOTE_GUARDED_BY(mutex_) = 0;  // of those, given back
  bool is_given_out_ TOTE_GUARDED_BY(mutex_) = false;
  std::jthread reader_;  // last: joined before the rest goes
};

ReadAhead::ReadAhead(Source& inner, std::stop_source abandoned)
    : impl_(std::make_unique<Impl>(inner, std::move(abandoned))) {}
ReadAhead::~ReadAhead() = default;
std::size_t ReadAhead::read_some(MutableBytes out) {
  return impl_->read(out);
}

}  // namespace tote

#include "testregistry/outgoing.h"

#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <sys/sendfile.h>

namespace tote::testregistry {
namespace {

constexpr std::size_t kSendTurn = 1 << 20;       // then other connections get theirs
constexpr std::size_t kMemoryTurn = 128 * 1024;  // a slow client is seen to take it
constexpr std::size_t kSmallFile = 64 * 1024;    // is read rather than sent by the kernel

std::size_t at_most(std::uint64_t left, std::size_t limit) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(left, limit));
}

std::string_view bytes_in_memory(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* memory = std::get_if<MemoryRange>(&response.body))
    return std::string_view(*memory->bytes).substr(memory->offset, memory->length);
  return {};
}

}  // namespace

bool Outgoing::begin(bool is_head, KeepAlive keep_alive) {
  head_ = response_head(response_, keep_alive);
  end_ = is_head ? 0 : response_.body_length();
  if (const Mishap* mishap = response_.mishap.get())
    end_ = std::min({end_, mishap->cut_at.value_or(end_), mishap->stall_at.value_or(end_)});
  return inline_small_file();
}

bool Outgoing::inline_small_file() {
  if (!is_file() || end_ == 0 || end_ > kSmallFile) return true;
  const std::size_t head_size = head_.size();
  head_.resize(head_size + static_cast<std::size_t>(end_));
  take_from_file(std::as_writable_bytes(std::span(head_).subspan(head_size)));
  return next_ == end_;
}

std::string_view Outgoing::take_from_memory() {
  const std::string_view body = bytes_in_memory(response_);
  if (body.empty()) return {};
  std::string_view piece =
      body.substr(static_cast<std::size_t>(next_), at_most(left(), kMemoryTurn));
  if (response_.mishap && response_.mishap->corrupt_at) {
    changed_ = piece;
    corrupt(std::as_writable_bytes(std::span(changed_)));
    piece = changed_;
  }
  next_ += piece.size();
  return piece;
}

std::size_t Outgoing::take_from_file(MutableBytes out) {
  const auto& file = std::get<FileRange>(response_.body);
  const MutableBytes want = out.first(at_most(left(), out.size()));
  try {
    const std::size_t got = read_at(file.file->get(), want, file.offset + next_);
    corrupt(want.first(got));
    next_ += got;
    return got;
  } catch (const Error&) {
    return 0;
  }
}

std::optional<std::size_t> Outgoing::send_file(int socket) {
  const auto& file = std::get<FileRange>(response_.body);
  std::size_t turn = 0;
  while (left() > 0 && turn < kSendTurn) {
    auto offset = static_cast<off_t>(file.offset + next_);
    const ssize_t n = ::sendfile(socket, file.file->get(), &offset, at_most(left(), kSendTurn));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) return std::nullopt;
    next_ += static_cast<std::uint64_t>(n);
    turn += static_cast<std::size_t>(n);
  }
  return turn;
}

// `data` is the body from `next_` on.
void Outgoing::corrupt(MutableBytes data) const {
  if (!response_.mishap || !response_.mishap->corrupt_at) return;
  const std::uint64_t at = *response_.mishap->corrupt_at;
  if (at >= next_ && at - next_ < data.size())
    data[static_cast<std::size_t>(at - next_)] ^= std::byte{1};
}

}  // namespace tote::testregistry

#include "testregistry/http/outgoing.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <utility>
#include <vector>

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
  own_end_ = std::min(end_, testregistry::body_length(response_.body));
  return inline_small_file();
}

std::string_view Outgoing::take_head() noexcept {
  return std::exchange(is_under_way_, true) ? std::string_view() : std::string_view(head_);
}

bool Outgoing::inline_small_file() {
  if (!is_file() || own_end_ > kSmallFile || !is_in_page_cache()) return true;
  const std::size_t head_size = head_.size();
  head_.resize(head_size + static_cast<std::size_t>(own_end_));
  take_from_file(std::as_writable_bytes(std::span(head_).subspan(head_size)));
  return next_ == own_end_;
}

// By its first and its last byte: what lies between came with them, as a rule.
bool Outgoing::is_in_page_cache() const noexcept {
  const auto& file = std::get<FileRange>(response_.body);
  const std::size_t turn = at_most(own_end_ - next_, kSendTurn);
  for (const std::uint64_t at : {next_, next_ + turn - 1}) {
    char byte = 0;
    iovec one{&byte, 1};
    const auto offset = static_cast<off_t>(file.offset + at);
    if (::preadv2(file.file->fd(), &one, 1, offset, RWF_NOWAIT) < 0 && errno == EAGAIN)
      return false;  // other errors: this file system can not tell
  }
  return true;
}

void Outgoing::read_ahead() const {
  const auto& file = std::get<FileRange>(response_.body);
  std::vector<std::byte> dropped(kMemoryTurn);
  const std::size_t turn = at_most(own_end_ - next_, kSendTurn);
  try {
    for (std::size_t done = 0; done < turn; done += dropped.size())
      (void)file.file->read_at(dropped, file.offset + next_ + done);
  } catch (const Error&) {
    // Whoever sends it meets that too, and ends the connection: the head has gone out.
  }
}

std::string_view Outgoing::take_from_memory() {
  if (next_ >= own_end_) return take_extra();
  const std::string_view body = bytes_in_memory(response_);
  if (body.empty()) return {};
  std::string_view piece =
      body.substr(static_cast<std::size_t>(next_), at_most(own_end_ - next_, kMemoryTurn));
  if (response_.mishap && response_.mishap->corrupt_at) {
    changed_ = piece;
    corrupt(std::as_writable_bytes(std::span(changed_)));
    piece = changed_;
  }
  next_ += piece.size();
  return piece;
}

// Bytes that nobody asked for.
std::string_view Outgoing::take_extra() {
  changed_.assign(at_most(left(), kMemoryTurn), '+');
  next_ += changed_.size();
  return changed_;
}

std::size_t Outgoing::take_from_file(MutableBytes out) {
  const auto& file = std::get<FileRange>(response_.body);
  const MutableBytes want = out.first(at_most(own_end_ - next_, out.size()));
  try {
    const std::size_t got = file.file->read_at(want, file.offset + next_);
    corrupt(want.first(got));
    next_ += got;
    return got;
  } catch (const Error&) {
    return 0;
  }
}

std::size_t Outgoing::take_from_source(MutableBytes out) {
  Source& source = *std::get<SourceBody>(response_.body).source;
  const MutableBytes want = out.first(at_most(own_end_ - next_, out.size()));
  const std::size_t got = source.read_some(want);
  if (got == 0)
    throw Error(ErrorKind::kIo, fmt::format("the content ends after {} of {} bytes", next_,
                                            testregistry::body_length(response_.body)));
  corrupt(want.first(got));
  next_ += got;
  return got;
}

std::unique_ptr<Source> Outgoing::release_source() noexcept {
  auto* body = std::get_if<SourceBody>(&response_.body);
  return body != nullptr ? std::move(body->source) : nullptr;
}

std::optional<std::size_t> Outgoing::send_file(int socket) {
  const auto& file = std::get<FileRange>(response_.body);
  std::size_t turn = 0;
  while (left() > 0 && turn < kSendTurn) {
    auto offset = static_cast<off_t>(file.offset + next_);
    const ssize_t n = ::sendfile(socket, file.file->fd(), &offset, at_most(left(), kSendTurn));
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

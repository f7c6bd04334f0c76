#include "base/stream.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace tote {

std::size_t BytesSource::read_some(MutableBytes out) {
  const std::size_t n = std::min(out.size(), rest_.size());
  copy_bytes(rest_.first(n), out);
  rest_ = rest_.subspan(n);
  return n;
}

void StringSink::write(ConstBytes data) {
  text_.append(as_text(data));
}

ConstBytes as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

void copy_bytes(ConstBytes from, MutableBytes to) noexcept {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

std::string_view as_text(ConstBytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t copy_stream(Source& from, Sink& to, std::size_t chunk) {
  std::vector<std::byte> buffer(chunk);
  std::uint64_t total = 0;
  while (const std::size_t n = from.read_some(buffer)) {
    to.write(ConstBytes(buffer).first(n));
    total += n;
  }
  return total;
}

void for_each_piece(Source& from, const std::stop_token& stop,
                    const std::function<void(ConstBytes)>& take) {
  std::vector<std::byte> buffer(kStreamChunk);
  while (const std::size_t n = from.read_some(buffer)) {
    if (stop.stop_requested()) throw Cancelled();
    take(ConstBytes(buffer).first(n));
  }
}

std::string read_all(Source& from, std::uint64_t limit, std::string_view what) {
  std::string text;
  std::vector<std::byte> buffer(16 * 1024);
  while (const std::size_t n = from.read_some(buffer)) {
    if (text.size() + n > limit)
      throw Error(ErrorKind::kParse, fmt::format("{} is larger than {} bytes", what, limit));
    text.append(as_text(ConstBytes(buffer).first(n)));
  }
  return text;
}

void expect_end(Source& from) {
  std::array<std::byte, 1> extra{};
  if (from.read_some(extra) != 0)
    throw Error(ErrorKind::kParse, "there is more than was announced");
}

std::size_t read_full(Source& from, MutableBytes out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const std::size_t n = from.read_some(out.subspan(filled));
    if (n == 0) break;
    filled += n;
  }
  return filled;
}

}  // namespace tote

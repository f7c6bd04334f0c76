// Byte streams: pull with Source, push with Sink. Nothing here turns one into the other without a
// caller that loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote {

using ConstBytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

inline constexpr std::size_t kStreamChunk = 128 * 1024;

// Not thread-safe. Neither copyable nor movable: decorators hold references.
class Source {
 public:
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Fills a prefix of `out` and returns its length; blocks until at least one byte is there.
  // Returns 0 only at the end, and keeps returning 0 after that. Throws Error.
  // REQUIRES: !out.empty()
  [[nodiscard]] virtual std::size_t read_some(MutableBytes out) = 0;

 protected:
  Source() = default;
};

class Sink {
 public:
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  // Consumes all of `data` or throws. Keeps nothing that points into `data`.
  virtual void write(ConstBytes data) = 0;

 protected:
  Sink() = default;
};

// A Sink with a trailer (a compressor). Destroying one without finish() means "abandoned":
// destructors release resources and never write or throw.
class FinishSink : public Sink {
 public:
  virtual void finish() = 0;
};

// Bytes in memory. The memory must outlive the source.
class BytesSource final : public Source {
 public:
  explicit BytesSource(ConstBytes bytes) : rest_(bytes) {}
  explicit BytesSource(std::string_view text) : rest_(std::as_bytes(std::span(text))) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  ConstBytes rest_;
};

// Bytes in memory that the source owns.
class StringSource final : public Source {
 public:
  explicit StringSource(std::string text) : text_(std::move(text)), bytes_(text_) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override { return bytes_.read_some(out); }

 private:
  std::string text_;
  BytesSource bytes_;
};

class StringSink final : public Sink {
 public:
  void write(ConstBytes data) override;
  std::string& text() noexcept { return text_; }

 private:
  std::string text_;
};

ConstBytes as_bytes(std::string_view text) noexcept;
std::string_view as_text(ConstBytes bytes) noexcept;
// To the beginning of `to`. The standard's copies of spans of bytes are loops in g++ 12, which cost
// a transfer a tenth of its time.
// REQUIRES: to.size() >= from.size(), and they do not overlap
void copy_bytes(ConstBytes from, MutableBytes to) noexcept;

// Moves everything and returns the number of bytes. `chunk` is the size of the one buffer.
std::uint64_t copy_stream(Source& from, Sink& to, std::size_t chunk = kStreamChunk);

// Gives `take` all that `from` has, piece by piece. Cancelled.
void for_each_piece(Source& from, const std::stop_token& stop,
                    const std::function<void(ConstBytes)>& take);

// All that `from` has, which must be at most `limit` bytes: more is Error{kParse} about `what`.
std::string read_all(Source& from, std::uint64_t limit, std::string_view what);

// Asks for more and wants none: this is when a verifying source gives its verdict. Error{kParse}
// if there is more.
void expect_end(Source& from);

// Reads until `out` is full or the source ends; returns how much it got.
std::size_t read_full(Source& from, MutableBytes out);

}  // namespace tote

#include "template/base_n.h"

#include "base/error.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace tote::go_template {
namespace {

constexpr std::string_view kLetters64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kLetters32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

[[noreturn]] void fail(std::string_view base, std::size_t at) {
  throw Error(ErrorKind::kParse, fmt::format("illegal {} data at input byte {}", base, at));
}

bool is_break(char c) {
  return c == '\n' || c == '\r';
}

class Reader64 {
 public:
  explicit Reader64(std::string_view text) : text_(text) {}

  std::string read() {
    while (read_four()) {
    }
    return std::move(out_);
  }

 private:
  void skip_breaks() {
    while (at_ < text_.size() && is_break(text_[at_])) ++at_;
  }

  // What stands behind the first "=", of which there may be two.
  void read_padding(std::size_t count) {
    if (count < 2) fail("base64", at_ - 1);
    if (count == 2) {
      skip_breaks();
      if (at_ == text_.size()) fail("base64", text_.size());
      if (text_[at_] != '=') fail("base64", at_ - 1);
      ++at_;
    }
    skip_breaks();
    if (at_ < text_.size()) fail("base64", at_);
  }

  void append(std::uint32_t bits, std::size_t count) {
    for (std::size_t i = 0; i + 1 < count; ++i)
      out_ += static_cast<char>((bits >> (16 - 8 * i)) & 0xFFU);
  }

  // False at the end.
  bool read_four() {
    std::uint32_t bits = 0;
    std::size_t count = 0;
    while (count < 4) {
      if (at_ == text_.size()) {
        if (count == 0) return false;
        fail("base64", at_ - count);
      }
      const char c = text_[at_++];
      const std::size_t value = kLetters64.find(c);
      if (value != std::string_view::npos) {
        bits |= static_cast<std::uint32_t>(value) << (18 - 6 * count);
        ++count;
      } else if (c == '=') {
        read_padding(count);
        append(bits, count);
        return false;
      } else if (!is_break(c)) {
        fail("base64", at_ - 1);
      }
    }
    append(bits, count);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

// Eight characters, five bytes. False: it was the last.
bool read_eight(std::string_view text, std::size_t& at, std::string& out) {
  std::uint64_t bits = 0;
  std::size_t count = 0;
  bool goes_on = true;
  for (; count < 8; ++count) {
    if (at == text.size()) fail("base32", at - count);
    const char c = text[at++];
    const std::size_t left = text.size() - at;
    if (c == '=' && count >= 2 && left < 8) {
      if (left + count < 7) fail("base32", text.size());
      for (std::size_t k = 0; k + 1 + count < 8 && k < left; ++k)
        if (text[at + k] != '=') fail("base32", at + k - 1);
      if (count == 3 || count == 6) fail("base32", at - 1);
      goes_on = false;
      break;
    }
    const std::size_t value = kLetters32.find(c);
    if (value == std::string_view::npos) fail("base32", at - 1);
    bits |= static_cast<std::uint64_t>(value) << (35 - 5 * count);
  }
  for (std::size_t i = 0; i < count * 5 / 8; ++i)
    out += static_cast<char>((bits >> (32 - 8 * i)) & 0xFFU);
  return goes_on;
}

}  // namespace

std::string decode_base64(std::string_view text) {
  return Reader64(text).read();
}

std::string encode_base32(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    const std::string_view group = bytes.substr(at, 5);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i)
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    const std::size_t count = (group.size() * 8 + 4) / 5;
    for (std::size_t i = 0; i < 8; ++i)
      out += i < count ? kLetters32[(bits >> (35 - 5 * i)) & 31U] : '=';
  }
  return out;
}

std::string decode_base32(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (!is_break(c)) plain += c;
  std::string out;
  for (std::size_t at = 0; at < plain.size() && read_eight(plain, at, out);) {
  }
  return out;
}

}  // namespace tote::go_template

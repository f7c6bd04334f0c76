#include "base/printable.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace tote {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Sorted. From Unicode's categories Cc, Cf, Zl and Zp, and what it calls "default ignorable".
constexpr std::array kHidden = std::to_array<Range>({
    {0x0000, 0x0008},    // C0 up to the tab
    {0x000B, 0x001F},    // and behind the line feed
    {0x007F, 0x009F},    // DEL and C1, which begin escape sequences as ESC does
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark (bidirectional)
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180B, 0x180F},    // Mongolian selectors and vowel separator
    {0x200B, 0x200B},    // zero-width space
    {0x200E, 0x200F},    // left-to-right and right-to-left marks
    {0x2028, 0x202E},    // line and paragraph separators, bidirectional embeddings and overrides
    {0x2060, 0x206F},    // word joiner, invisible operators, bidirectional isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // interlinear annotations
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tags and further variation selectors
});

// Invisible too, but part of how some scripts and emoji are written.
bool is_joining(char32_t c) {
  return c == 0x200C || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
}

bool is_hidden(char32_t c) {
  const auto range =
      std::lower_bound(kHidden.begin(), kHidden.end(), c,
                       [](const Range& r, char32_t value) { return r.last < value; });
  return range != kHidden.end() && c >= range->first;
}

// REQUIRES: `symbol` is one valid UTF-8 sequence
char32_t decode(std::string_view symbol) {
  const auto lead = static_cast<unsigned char>(symbol.front());
  if (symbol.size() == 1) return lead;
  auto c = static_cast<char32_t>(lead & (0xFFU >> (symbol.size() + 1)));
  for (const char next : symbol.substr(1))
    c = (c << 6U) | (static_cast<unsigned char>(next) & 0x3FU);
  return c;
}

struct ForPeople {
  static std::string byte(unsigned byte) { return fmt::format("\\x{:02x}", byte); }
  static std::string character(std::uint32_t c) {
    if (c < 0x80) return byte(c);
    return c > 0xFFFF ? fmt::format("\\U{:08x}", c) : fmt::format("\\u{:04x}", c);
  }
};

struct ForJson {
  static std::string byte(unsigned) { return "\\ufffd"; }  // as json_quote()
  // RFC 8259 section 7: a pair of surrogates for what four digits can not say.
  static std::string character(std::uint32_t c) {
    if (c <= 0xFFFF) return fmt::format("\\u{:04x}", c);
    const std::uint32_t beyond = c - 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800U + (beyond >> 10U),
                       0xDC00U + (beyond & 0x3FFU));
  }
};

template <class Escape>
std::string escape_hidden(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  char32_t previous = 0;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view symbol = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(symbol.size());
    if (length == 0) {
      out += Escape::byte(static_cast<unsigned char>(symbol.front()));
      previous = 0;
      continue;
    }
    const char32_t c = decode(symbol);
    const bool joins = is_joining(c) && previous >= 0x80 && previous != c;
    const bool shown = is_joining(c) ? joins : !is_hidden(c);
    out += shown ? std::string(symbol) : Escape::character(static_cast<std::uint32_t>(c));
    previous = shown ? c : 0;
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return escape_hidden<ForPeople>(text);
}

std::string printable_json(std::string_view json) {
  return escape_hidden<ForJson>(json);
}

}  // namespace tote

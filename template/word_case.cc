#include "template/word_case.h"

#include "template/unicode.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tote::go_template {
namespace {

enum class WordKind : std::uint8_t {
  kNone,
  kNumber,
  kUpper,
  kLetters,
  kConnector,
  kPunctuation,
  kOther
};

bool is_connector(char32_t code) {
  return code == '-' || code == '_' || is_space(code);
}

// The first symbol that is UTF-8, with all in front of it; `before` if there is none.
Symbol next_valid(std::string_view text, char32_t before) {
  std::size_t length = 0;
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    length += symbol.length;
    if (symbol.code != kReplacement) return {symbol.code, length};
    text.remove_prefix(symbol.length);
  }
  return {before, length};
}

class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) { next(); }

  WordKind kind() const { return kind_; }
  std::string_view word() const { return word_; }
  bool has_more() const { return !rest_.empty(); }

  void next() {
    kind_ = WordKind::kNone;
    word_ = {};
    if (rest_.empty()) return;
    const Symbol first = next_valid(rest_, kReplacement);
    size_ = first.length;
    if (first.code != kReplacement) read(first.code);
    word_ = rest_.substr(0, size_);
    rest_.remove_prefix(size_);
  }

 private:
  template <class Belongs>
  char32_t take_while(char32_t last, Belongs belongs) {
    while (size_ < rest_.size()) {
      const Symbol symbol = next_valid(rest_.substr(size_), last);
      last = symbol.code;
      if (!belongs(symbol.code)) break;
      size_ += symbol.length;
    }
    return last;
  }

  static bool is_small_letter(char32_t code) { return is_letter(code) && !is_upper(code); }

  void read(char32_t code) {
    if (is_connector(code)) {
      kind_ = WordKind::kConnector;
      take_while(code, is_connector);
    } else if (is_punctuation(code)) {
      kind_ = WordKind::kPunctuation;
      take_while(code, is_punctuation);
    } else if (is_upper(code)) {
      read_upper(code);
    } else if (is_letter(code)) {
      kind_ = WordKind::kLetters;
      take_while(code, is_small_letter);
    } else if (is_number(code)) {
      kind_ = WordKind::kNumber;
      take_while(code, is_number);
    } else {
      kind_ = WordKind::kOther;
      take_while(code, [](char32_t next) {
        return !is_connector(next) && !is_letter(next) && !is_number(next) && !is_punctuation(next);
      });
    }
  }

  // "Status", or of "HTTPStatus" "HTTP".
  void read_upper(char32_t code) {
    kind_ = WordKind::kUpper;
    if (size_ >= rest_.size()) return;
    const Symbol second = next_valid(rest_.substr(size_), code);
    if (!is_upper(second.code)) {
      if (is_letter(second.code)) take_while(code, is_small_letter);
      return;
    }
    std::size_t last_size = 0;
    char32_t behind = second.code;
    while (size_ < rest_.size()) {
      const Symbol symbol = next_valid(rest_.substr(size_), behind);
      behind = symbol.code;
      if (!is_upper(symbol.code)) break;
      last_size = symbol.length;
      size_ += symbol.length;
    }
    if (size_ < rest_.size() && is_letter(behind)) size_ -= last_size;
  }

  std::string_view rest_;
  std::string_view word_;
  std::size_t size_ = 0;
  WordKind kind_ = WordKind::kNone;
};

class Parted {
 public:
  Parted(std::string_view text, char between) : words_(text), between_(between) {}

  std::string read() {
    while (words_.has_more()) {
      if (words_.kind() != WordKind::kConnector) add_word();
      const WordKind before = words_.kind();
      const std::string_view last = words_.word();
      words_.next();
      read_behind(before, last);
    }
    add_word();
    return std::move(out_);
  }

 private:
  bool is_one_of(std::initializer_list<WordKind> kinds) const {
    return std::find(kinds.begin(), kinds.end(), words_.kind()) != kinds.end();
  }

  void add(WordKind kind, std::string_view word) {
    if (kind != WordKind::kUpper && kind != WordKind::kConnector) {
      out_ += word;
      return;
    }
    for (; !word.empty(); word.remove_prefix(first_symbol(word).length)) {
      const char32_t code = first_symbol(word).code;
      if (is_connector(code))
        out_ += between_;
      else
        append_symbol(out_, is_upper(code) ? to_lower(code) : code);
    }
  }

  void add_word() { add(words_.kind(), words_.word()); }

  void part_unless(std::initializer_list<WordKind> kinds) {
    if (!is_one_of(kinds)) out_ += between_;
  }

  void add_letters_and_numbers() {
    while (is_one_of({WordKind::kLetters, WordKind::kNumber})) {
      add_word();
      words_.next();
    }
    part_unless({WordKind::kNone, WordKind::kPunctuation, WordKind::kConnector});
  }

  void read_behind(WordKind before, std::string_view last) {
    if (before == WordKind::kNumber) return add_letters_and_numbers();
    if (before == WordKind::kConnector) return add(before, last);
    if (before == WordKind::kPunctuation) return;
    if (words_.kind() != WordKind::kNumber)
      return part_unless({WordKind::kConnector, WordKind::kPunctuation});
    if (words_.has_more()) read_number();
  }

  // A number belongs to the word in front of it, unless small letters follow.
  void read_number() {
    const std::string_view number = words_.word();
    words_.next();
    if (words_.kind() != WordKind::kLetters) {
      add(WordKind::kNumber, number);
      return part_unless({WordKind::kConnector, WordKind::kPunctuation});
    }
    out_ += between_;
    add(WordKind::kNumber, number);
    add_letters_and_numbers();
  }

  Words words_;
  char between_;
  std::string out_;
};

}  // namespace

std::string parted_case(std::string_view text, char between) {
  return Parted(text, between).read();
}

std::string camel_case(std::string_view text) {
  std::string out;
  char32_t code = 0;
  const auto take = [&] {
    code = first_symbol(text).code;
    text.remove_prefix(first_symbol(text).length);
  };
  while (!text.empty()) {
    take();
    if (!is_connector(code)) {
      code = to_upper(code);
      break;
    }
    append_symbol(out, code);
  }
  if (code == 0 && out.empty()) return out;
  // A lone symbol is written twice if it is a connector, as Sprig does it.
  while (!text.empty()) {
    const char32_t before = code;
    take();
    if (is_connector(before)) {
      if (is_connector(code))
        append_symbol(out, before);
      else
        code = to_upper(code);
      continue;
    }
    if (!is_connector(code)) code = to_lower(code);
    append_symbol(out, before);
  }
  append_symbol(out, code);
  return out;
}

}  // namespace tote::go_template

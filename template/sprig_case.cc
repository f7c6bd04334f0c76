// Sprig's functions that change the case of letters, or look at words.
#include "template/sprig.h"
#include "template/sprig_convert.h"
#include "template/unicode.h"
#include "template/word_case.h"

namespace tote::go_template {
namespace {

// Each symbol, with a change that may remember what was before.
template <class Change>
std::string each_changed(std::string_view text, Change change) {
  std::string out;
  while (!text.empty()) {
    const Symbol symbol = first_symbol(text);
    append_symbol(out, change(symbol.code));
    text.remove_prefix(symbol.length);
  }
  return out;
}

bool is_in_words(char32_t code) {
  if (code < 0x80) return code == '_' || is_letter(code) || is_digit(code);
  return is_letter(code) || is_digit(code) || !is_space(code);
}

std::string title(std::string_view text) {
  char32_t before = ' ';
  return each_changed(text, [&](char32_t code) {
    const bool begins = !is_in_words(before);
    before = code;
    return begins ? to_title(code) : code;
  });
}

std::string untitle(std::string_view text) {
  bool begins = true;
  return each_changed(text, [&](char32_t code) {
    const bool is_first = begins && !is_space(code);
    begins = is_space(code);
    return is_first ? to_lower(code) : code;
  });
}

std::string swap_case(std::string_view text) {
  bool begins = true;
  return each_changed(text, [&](char32_t code) {
    const bool is_title = !is_upper(code) && !is_lower(code) && to_lower(code) != code;
    const bool is_first = begins;
    if (is_upper(code) || is_title || is_lower(code)) {
      begins = false;
      if (!is_lower(code)) return to_lower(code);
      return is_first ? to_title(code) : to_upper(code);
    }
    begins = is_space(code);
    return code;
  });
}

// These two take each byte for a symbol.
std::string without_spaces(std::string_view text) {
  std::string out;
  bool has_spaces = false;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    has_spaces = has_spaces || is_space(code);
    if (!is_space(code)) append_symbol(out, code);
  }
  return has_spaces ? out : std::string(text);
}

std::string initials(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (begins && !is_space(code)) append_symbol(out, code);
    begins = is_space(code);
  }
  return out;
}

}  // namespace

void add_case_functions(FunctionMap& all) {
  all["upper"] = make_function([](std::string_view text) { return to_upper(text); });
  all["lower"] = make_function([](std::string_view text) { return to_lower(text); });
  all["title"] = make_function(title);
  all["untitle"] = make_function(untitle);
  all["swapcase"] = make_function(swap_case);
  all["nospace"] = make_function(without_spaces);
  all["initials"] = make_function(initials);
  all["camelcase"] = make_function(camel_case);
  all["snakecase"] = make_function([](std::string_view text) { return parted_case(text, '_'); });
  all["kebabcase"] = make_function([](std::string_view text) { return parted_case(text, '-'); });
}

}  // namespace tote::go_template

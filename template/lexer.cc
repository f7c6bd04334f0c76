#include "template/lexer.h"

#include "template/quote.h"
#include "template/unicode.h"
#include "template/verb_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote::go_template {
namespace {

constexpr char32_t kEof = 0xFFFFFFFF;
constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::size_t kMarkerSize = 2;  // "- " and " -"

constexpr std::array<std::pair<std::string_view, TokenKind>, 13> kWords = {{
    {"block", TokenKind::kBlock},
    {"break", TokenKind::kBreak},
    {"continue", TokenKind::kContinue},
    {"define", TokenKind::kDefine},
    {"else", TokenKind::kElse},
    {"end", TokenKind::kEndWord},
    {"false", TokenKind::kBool},
    {"if", TokenKind::kIf},
    {"nil", TokenKind::kNil},
    {"range", TokenKind::kRange},
    {"template", TokenKind::kTemplate},
    {"true", TokenKind::kBool},
    {"with", TokenKind::kWith},
}};

bool is_blank(char32_t code) {
  return code == ' ' || code == '\t' || code == '\r' || code == '\n';
}

bool is_in_names(char32_t code) {
  return code != kEof && (code == '_' || is_letter(code) || is_digit(code));
}

bool begins_with_marker(std::string_view text) {
  return text.size() >= 2 && text[0] == '-' && is_blank(static_cast<unsigned char>(text[1]));
}

bool is_right_marker(std::string_view text) {
  return text.size() >= 2 && is_blank(static_cast<unsigned char>(text[0])) && text[1] == '-';
}

// "U+00E9 'é'"
std::string described(char32_t code) {
  if (code == kEof) return "U+FFFFFFFFFFFFFFFF";
  std::string out;
  VerbFormat format(out);
  format.flags.sharp = true;
  format.unicode(code);
  return out;
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Token Lexer::next() {
  found_.reset();
  while (!found_) {
    switch (state_) {
      case State::kText:
        text();
        break;
      case State::kDelimiter:
        left_delimiter();
        break;
      case State::kAction:
        inside_action();
        break;
      case State::kExtraParen:
        fail("unexpected right paren U+0029 ')'");
        break;
      case State::kDone:
        return {};
    }
  }
  return std::move(*found_);
}

void Lexer::emit(TokenKind kind) {
  emit(kind, std::string(text_.substr(begin_, at_ - begin_)));
}

void Lexer::emit(TokenKind kind, std::string text) {
  found_ = Token{.kind = kind, .position = begin_, .text = std::move(text), .line = begin_line_};
  begin_ = at_;
  begin_line_ = line_;
}

void Lexer::fail(std::string what) {
  emit(TokenKind::kError, std::move(what));
  state_ = State::kDone;
}

// What was jumped over, not taken, has line breaks that nobody has counted.
void Lexer::skip() {
  line_ += count_lines(text_.substr(begin_, at_ - begin_));
  begin_ = at_;
  begin_line_ = line_;
}

char32_t Lexer::take() {
  if (at_ >= text_.size()) {
    is_at_end_ = true;
    return kEof;
  }
  const Symbol symbol = first_symbol(text_.substr(at_));
  at_ += symbol.length;
  if (symbol.code == '\n') ++line_;
  return symbol.code;
}

char32_t Lexer::look() {
  const char32_t code = take();
  back();
  return code;
}

void Lexer::back() {
  if (is_at_end_ || at_ == 0) return;
  const Symbol symbol = last_symbol(text_.substr(0, at_));
  at_ -= symbol.length;
  if (symbol.code == '\n') --line_;
}

bool Lexer::accept(std::string_view symbols) {
  const char32_t code = take();
  if (code < 0x80 && symbols.find(static_cast<char>(code)) != std::string_view::npos) return true;
  back();
  return false;
}

void Lexer::accept_all(std::string_view symbols) {
  while (accept(symbols)) {
  }
}

bool Lexer::is_at(std::string_view what, std::size_t further) const {
  return at_ + further <= text_.size() && text_.substr(at_ + further).starts_with(what);
}

bool Lexer::is_at_right_delimiter(bool& trims) const {
  trims = is_right_marker(text_.substr(at_)) && is_at(kRight, kMarkerSize);
  return trims || is_at(kRight);
}

void Lexer::text() {
  const std::size_t found = text_.find(kLeft, at_);
  const bool is_last = found == std::string_view::npos;
  at_ = is_last ? text_.size() : found;
  std::size_t end = at_;
  if (!is_last && begins_with_marker(text_.substr(at_ + kLeft.size())))
    while (end > begin_ && is_blank(static_cast<unsigned char>(text_[end - 1]))) --end;
  const std::size_t behind = std::exchange(at_, end);
  if (at_ > begin_) {
    line_ += count_lines(text_.substr(begin_, at_ - begin_));
    emit(TokenKind::kText);
  }
  at_ = behind;
  if (is_last && found_) return;  // the end comes with the next call
  if (is_last) {
    emit(TokenKind::kEnd);
    state_ = State::kDone;
    return;
  }
  skip();
  state_ = State::kDelimiter;
}

void Lexer::left_delimiter() {
  at_ += kLeft.size();
  const bool trims = begins_with_marker(text_.substr(at_));
  const std::size_t marker = trims ? kMarkerSize : 0;
  if (is_at("/*", marker)) {
    at_ += marker;
    skip();
    return comment();
  }
  emit(TokenKind::kLeftDelimiter);
  at_ += marker;
  skip();
  open_parens_ = 0;
  state_ = State::kAction;
}

void Lexer::comment() {
  at_ += 2;
  const std::size_t end = text_.find("*/", at_);
  if (end == std::string_view::npos) return fail("unclosed comment");
  at_ = end + 2;
  bool trims = false;
  if (!is_at_right_delimiter(trims)) return fail("comment ends before closing delimiter");
  at_ += kRight.size() + (trims ? kMarkerSize : 0);
  if (trims) at_ = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
  skip();
  state_ = State::kText;
}

void Lexer::right_delimiter() {
  const bool trims = is_right_marker(text_.substr(at_));
  if (trims) {
    at_ += kMarkerSize;
    skip();
  }
  at_ += kRight.size();
  emit(TokenKind::kRightDelimiter);
  if (trims) {
    at_ = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
    skip();
  }
  state_ = State::kText;
}

void Lexer::inside_action() {
  bool trims = false;
  if (is_at_right_delimiter(trims))
    return open_parens_ == 0 ? right_delimiter() : fail("unclosed left paren");
  const char32_t code = take();
  if (code == kEof) return fail("unclosed action");
  if (is_blank(code)) {
    back();
    return spaces();
  }
  if (!punctuation(code)) other_start(code);
}

// Tokens of one character, or ":=".
bool Lexer::punctuation(char32_t code) {
  switch (code) {
    case '=':
      emit(TokenKind::kAssign);
      return true;
    case ':':
      if (take() == '=')
        emit(TokenKind::kDeclare);
      else
        fail("expected :=");
      return true;
    case '|':
      emit(TokenKind::kPipe);
      return true;
    case '(':
      ++open_parens_;
      emit(TokenKind::kLeftParen);
      return true;
    case ')':
      emit(TokenKind::kRightParen);
      if (open_parens_ == 0)
        state_ = State::kExtraParen;
      else
        --open_parens_;
      return true;
    default:
      return false;
  }
}

void Lexer::other_start(char32_t code) {
  const bool begins_field =
      code == '.' && at_ < text_.size() && (text_[at_] < '0' || text_[at_] > '9');
  if (code == '"') return quoted('"', TokenKind::kString, "unterminated quoted string");
  if (code == '\'')
    return quoted('\'', TokenKind::kCharConstant, "unterminated character constant");
  if (code == '`') return raw_quoted();
  if (code == '$' && is_at_end_of_word()) return emit(TokenKind::kVariable);
  if (code == '$') return field_or_variable(TokenKind::kVariable);
  if (begins_field) return field_or_variable(TokenKind::kField);
  if (code == '.' || code == '+' || code == '-' || (code >= '0' && code <= '9')) {
    back();
    return number();
  }
  if (is_in_names(code)) {
    back();
    return word();
  }
  if (code >= 0x80 || !is_printable(code))
    return fail(fmt::format("unrecognized character in action: {}", described(code)));
  emit(TokenKind::kChar);
}

void Lexer::spaces() {
  std::size_t count = 0;
  for (; is_blank(look()); ++count) take();
  // The last of them may belong to the marker of a right delimiter.
  if (is_right_marker(text_.substr(at_ - 1)) && is_at(kRight, kMarkerSize - 1)) {
    back();
    if (count == 1) return right_delimiter();
  }
  emit(TokenKind::kSpace);
}

bool Lexer::is_at_end_of_word() {
  const char32_t code = look();
  if (code == kEof || is_blank(code)) return true;
  if (code < 0x80 &&
      std::string_view(".,|:)(").find(static_cast<char>(code)) != std::string_view::npos)
    return true;
  return is_at(kRight);
}

void Lexer::word() {
  char32_t code = take();
  while (is_in_names(code)) code = take();
  back();
  if (!is_at_end_of_word()) return fail(fmt::format("bad character {}", described(code)));
  const std::string_view name = text_.substr(begin_, at_ - begin_);
  const auto* const found = std::find_if(kWords.begin(), kWords.end(),
                                         [&](const auto& word) { return word.first == name; });
  TokenKind kind = found == kWords.end() ? TokenKind::kIdentifier : found->second;
  if ((kind == TokenKind::kBreak && !words_.has_break) ||
      (kind == TokenKind::kContinue && !words_.has_continue))
    kind = TokenKind::kIdentifier;
  emit(kind);
}

void Lexer::field_or_variable(TokenKind kind) {
  if (is_at_end_of_word()) return emit(kind == TokenKind::kVariable ? kind : TokenKind::kDot);
  char32_t code = take();
  while (is_in_names(code)) code = take();
  back();
  if (!is_at_end_of_word()) return fail(fmt::format("bad character {}", described(code)));
  emit(kind);
}

void Lexer::quoted(char quote, TokenKind kind, std::string_view complaint) {
  while (true) {
    char32_t code = take();
    if (code == static_cast<char32_t>(quote)) return emit(kind);
    if (code == '\\') {
      code = take();
      if (code != kEof && code != '\n') continue;
    }
    if (code == kEof || code == '\n') return fail(std::string(complaint));
  }
}

void Lexer::raw_quoted() {
  while (true) {
    const char32_t code = take();
    if (code == kEof) return fail("unterminated raw quoted string");
    if (code == '`') return emit(TokenKind::kRawString);
  }
}

void Lexer::number() {
  const auto complain = [&] {
    fail("bad number syntax: " + go_quote(text_.substr(begin_, at_ - begin_)));
  };
  if (!scan_number()) return complain();
  const char32_t sign = look();
  if (sign != '+' && sign != '-') return emit(TokenKind::kNumber);
  if (!scan_number() || text_[at_ - 1] != 'i') return complain();
  emit(TokenKind::kComplex);
}

// Takes more than numbers ("0x0.2"); the parser finds out.
bool Lexer::scan_number() {
  accept("+-");
  std::string_view digits = "0123456789_";
  const std::string_view decimal = digits;
  const std::string_view hex = "0123456789abcdefABCDEF_";
  if (accept("0")) {
    if (accept("xX"))
      digits = hex;
    else if (accept("oO"))
      digits = "01234567_";
    else if (accept("bB"))
      digits = "01_";
  }
  accept_all(digits);
  if (accept(".")) accept_all(digits);
  if ((digits == decimal && accept("eE")) || (digits == hex && accept("pP"))) {
    accept("+-");
    accept_all(decimal);
  }
  accept("i");
  if (!is_in_names(look())) return true;
  take();
  return false;
}

}  // namespace tote::go_template

#include "template/pattern.h"

#include "base/error.h"
#include "template/number_text.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <optional>
#include <re2/re2.h>
#include <utility>

namespace tote::go_template {
namespace {

std::string_view reason(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression is too large";
    default:
      return "internal error";
  }
}

std::size_t symbol_length(std::string_view text, std::size_t at) {
  return at < text.size() ? first_symbol(text.substr(at)).length : 0;
}

bool is_in_names(char32_t code) {
  return code == '_' || is_letter(code) || is_digit(code);
}

// The name behind a "$", taken off; nullopt: there is none.
std::optional<std::string_view> take_name(std::string_view& text) {
  const bool has_brace = text.starts_with('{');
  std::size_t end = has_brace ? 1 : 0;
  while (end < text.size() && is_in_names(first_symbol(text.substr(end)).code))
    end += symbol_length(text, end);
  const std::string_view name = text.substr(has_brace ? 1 : 0, end - (has_brace ? 1 : 0));
  if (name.empty() || (has_brace && (end >= text.size() || text[end] != '}'))) return std::nullopt;
  text.remove_prefix(end + (has_brace ? 1 : 0));
  return name;
}

}  // namespace

Pattern::Pattern(std::string_view pattern) : source_(pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  re2_ = std::make_unique<re2::RE2>(source_, options);
  if (re2_->ok()) return;
  throw Error(ErrorKind::kParse, fmt::format("error parsing regexp: {}: `{}`",
                                             reason(re2_->error_code()), re2_->error_arg()));
}

Pattern::~Pattern() = default;

bool Pattern::match_at(std::string_view text, std::size_t from, Match& out) const {
  const auto count = static_cast<std::size_t>(re2_->NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> groups(count);
  const re2::StringPiece whole(text.data(), text.size());
  if (!re2_->Match(whole, from, text.size(), re2::RE2::UNANCHORED, groups.data(),
                   static_cast<int>(count)))
    return false;
  out.begin = static_cast<std::size_t>(groups[0].data() - whole.data());
  out.end = out.begin + groups[0].size();
  out.groups.clear();
  for (const re2::StringPiece& one : groups) out.groups.emplace_back(one.data(), one.size());
  return true;
}

// An empty match right behind another one does not count.
std::vector<Pattern::Match> Pattern::all_matches(std::string_view text, std::int64_t most) const {
  std::vector<Match> out;
  std::size_t at = 0;
  std::optional<std::size_t> end_before;
  Match match;
  while (at <= text.size() && (most < 0 || std::cmp_less(out.size(), most))) {
    if (!match_at(text, at, match)) break;
    const bool counts = match.end != at || end_before != match.begin;
    if (match.end == at) {
      const std::size_t length = symbol_length(text, at);
      at = length > 0 ? at + length : text.size() + 1;
    } else {
      at = match.end;
    }
    end_before = match.end;
    if (counts) out.push_back(match);
  }
  return out;
}

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *re2_);
}

std::string Pattern::find(std::string_view text) const {
  Match match;
  if (!match_at(text, 0, match)) return {};
  return std::string(text.substr(match.begin, match.end - match.begin));
}

std::vector<std::string> Pattern::find_all(std::string_view text, std::int64_t most) const {
  std::vector<std::string> out;
  for (const Match& match : all_matches(text, most))
    out.emplace_back(text.substr(match.begin, match.end - match.begin));
  return out;
}

std::string_view Pattern::group(std::string_view name, const Match& match) const {
  std::optional<std::uint64_t> number = parse_unsigned(name, 10);
  if (!number) {
    const auto& names = re2_->NamedCapturingGroups();
    const auto found = names.find(std::string(name));
    if (found == names.end()) return {};
    number = static_cast<std::uint64_t>(found->second);
  }
  return *number < match.groups.size() ? match.groups[*number] : std::string_view();
}

void Pattern::expand(std::string& out, std::string_view with, const Match& match) const {
  for (std::size_t dollar = with.find('$'); dollar != std::string_view::npos;
       dollar = with.find('$')) {
    out += with.substr(0, dollar);
    with.remove_prefix(dollar + 1);
    if (with.starts_with('$')) {
      out += '$';
      with.remove_prefix(1);
    } else if (const std::optional<std::string_view> name = take_name(with)) {
      out += group(*name, match);
    } else {
      out += '$';
    }
  }
  out += with;
}

std::string Pattern::replace_all(std::string_view text, std::string_view with,
                                 bool is_literal) const {
  std::string out;
  std::size_t copied = 0;
  std::size_t at = 0;
  Match match;
  while (at <= text.size() && match_at(text, at, match)) {
    out += text.substr(copied, match.begin - copied);
    if (match.end > copied || match.begin == 0) {
      if (is_literal)
        out += with;
      else
        expand(out, with, match);
    }
    copied = match.end;
    const std::size_t length = symbol_length(text, at);
    if (at + length > match.end)
      at += length;
    else if (at + 1 > match.end)
      ++at;
    else
      at = match.end;
  }
  return out.append(text.substr(copied));
}

std::vector<std::string> Pattern::split(std::string_view text, std::int64_t most) const {
  if (most == 0) return {};
  if (!source_.empty() && text.empty()) return {""};
  std::vector<std::string> out;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const Match& match : all_matches(text, most)) {
    if (most > 0 && std::cmp_equal(out.size(), most - 1)) break;
    end = match.begin;
    if (match.end != 0) out.emplace_back(text.substr(begin, end - begin));
    begin = match.end;
  }
  if (end != text.size()) out.emplace_back(text.substr(begin));
  return out;
}

std::string quote_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace tote::go_template

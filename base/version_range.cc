#include "base/version_range.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote {
namespace {

using Comparison = VersionRange::Comparison;
using Open = Comparison::Open;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kMaxLength = 1024;

// Longer ones first.
constexpr std::array<std::pair<std::string_view, VersionOperator>, 11> kOperators{{
    {"!=", VersionOperator::kNotEqual},
    {">=", VersionOperator::kGreaterOrEqual},
    {"=>", VersionOperator::kGreaterOrEqual},
    {"<=", VersionOperator::kLessOrEqual},
    {"=<", VersionOperator::kLessOrEqual},
    {"~>", VersionOperator::kTilde},
    {"=", VersionOperator::kEqual},
    {">", VersionOperator::kGreater},
    {"<", VersionOperator::kLess},
    {"~", VersionOperator::kTilde},
    {"^", VersionOperator::kCaret},
}};

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

VersionOperator take_operator(std::string_view& text) {
  for (const auto& [word, op] : kOperators)
    if (text.starts_with(word)) {
      text.remove_prefix(word.size());
      skip_blanks(text);
      return op;
    }
  return VersionOperator::kEqual;
}

bool is_any(std::string_view part) {
  return part.empty() || part == "x" || part == "X" || part == "*";
}

// "1.x-rc.1": which part is open, and the version with zeros from there on.
std::optional<Comparison> parse_version_of(VersionOperator op, std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::size_t numbers_end = std::min(text.find_first_of("-+"), text.size());
  std::vector<std::string> parts = split(text.substr(0, numbers_end), '.');
  if (parts.size() > 3 || parts.front().empty()) return std::nullopt;
  for (const std::string& part : parts)
    if (part.empty() || (!is_any(part) && !parse_number(part))) return std::nullopt;
  parts.resize(3);
  Comparison comparison{op};
  constexpr std::array kOpen{Open::kMajor, Open::kMinor, Open::kPatch};
  const auto open = std::find_if(parts.begin(), parts.end(), is_any);
  if (open != parts.end()) comparison.open = kOpen[static_cast<std::size_t>(open - parts.begin())];
  for (auto part = open; part != parts.end(); ++part) *part = "0";
  std::string all = fmt::format("{}.{}.{}", parts[0], parts[1], parts[2]);
  all += text.substr(numbers_end);
  const std::optional<Version> version = Version::parse(all);
  if (!version) return std::nullopt;
  comparison.version = *version;
  return comparison;
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \t\r\n,<>=!~^"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// Behind the version of "1 - 2": whether a "-" between blanks and another version follow.
bool take_hyphen(std::string_view& text) {
  std::string_view rest = text;
  skip_blanks(rest);
  if (rest.size() == text.size() || !rest.starts_with('-')) return false;
  rest.remove_prefix(1);
  if (rest.empty() || kBlanks.find(rest.front()) == std::string_view::npos) return false;
  skip_blanks(rest);
  text = rest;
  return true;
}

// False: it is none.
bool take_comparisons(std::string_view& text, std::vector<Comparison>& comparisons) {
  const std::string_view before = text;
  const VersionOperator op = take_operator(text);
  const bool has_operator = before.size() != text.size();
  std::optional<Comparison> first = parse_version_of(op, take_word(text));
  if (!first) return false;
  if (!has_operator && take_hyphen(text)) {
    const std::optional<Comparison> last =
        parse_version_of(VersionOperator::kLessOrEqual, take_word(text));
    if (!last) return false;
    first->op = VersionOperator::kGreaterOrEqual;
    comparisons.push_back(*first);
    comparisons.push_back(*last);
    return true;
  }
  comparisons.push_back(*first);
  return true;
}

std::optional<std::vector<Comparison>> parse_alternative(std::string_view text) {
  std::vector<Comparison> comparisons;
  skip_blanks(text);
  while (!text.empty()) {
    if (!take_comparisons(text, comparisons)) return std::nullopt;
    const std::size_t before = text.size();
    skip_blanks(text);
    if (text.starts_with(',')) {
      text.remove_prefix(1);
      skip_blanks(text);
      if (text.empty()) return std::nullopt;
    } else if (before == text.size() && !text.empty()) {
      return std::nullopt;
    }
  }
  return comparisons;
}

bool is_above(const Version& version, const Comparison& than) {
  if (version.major != than.version.major || than.open == Open::kMinor)
    return version.major > than.version.major;
  if (than.open == Open::kPatch) return version.minor > than.version.minor;
  return version > than.version;
}

// "<=1.2" takes all of 1.2.
bool is_at_most(const Version& version, const Comparison& than) {
  if (than.open == Open::kNone) return version <= than.version;
  if (version.major > than.version.major) return false;
  return version.major != than.version.major || version.minor <= than.version.minor ||
         than.open == Open::kMinor;
}

bool is_in_tilde(const Version& version, const Comparison& of) {
  if (version < of.version) return false;
  // "~0.0.0" takes everything, as Masterminds/semver has it.
  const Version& low = of.version;
  const bool is_closed = of.open == Open::kNone || of.open == Open::kMajor;
  if (low.major == 0 && low.minor == 0 && low.patch == 0 && is_closed) return true;
  return version.major == low.major && (version.minor == low.minor || of.open == Open::kMinor);
}

bool is_in_caret(const Version& version, const Comparison& of) {
  const Version& low = of.version;
  if (version < low) return false;
  if (of.open == Open::kMajor) return true;
  if (low.major > 0 || of.open == Open::kMinor) return version.major == low.major;
  if (version.major > 0) return false;
  if (low.minor > 0 || of.open == Open::kPatch) return version.minor == low.minor;
  return version.minor == 0 && version.patch == low.patch;
}

bool differs(const Version& version, const Comparison& from) {
  if (from.open == Open::kNone) return version != from.version;
  if (!version.prerelease.empty() && from.version.prerelease.empty()) return false;
  if (version.major != from.version.major) return true;
  if (from.open == Open::kMinor) return false;
  if (version.minor != from.version.minor) return true;
  if (from.open == Open::kPatch)
    return compare_prereleases(version.prerelease, from.version.prerelease) != 0;
  return version != from.version;
}

}  // namespace

bool Comparison::holds_for(const Version& other) const {
  if (op == VersionOperator::kNotEqual) return differs(other, *this);
  if (!other.prerelease.empty() && version.prerelease.empty()) return false;
  switch (op) {
    case VersionOperator::kGreater:
      return is_above(other, *this);
    case VersionOperator::kLess:
      return other < version;
    case VersionOperator::kGreaterOrEqual:
      return other >= version;
    case VersionOperator::kLessOrEqual:
      return is_at_most(other, *this);
    case VersionOperator::kTilde:
      return is_in_tilde(other, *this);
    case VersionOperator::kCaret:
      return is_in_caret(other, *this);
    default:
      return open == Open::kNone ? other == version : is_in_tilde(other, *this);
  }
}

VersionRange VersionRange::parse(std::string_view text) {
  std::optional<VersionRange> range = try_parse(text);
  if (range) return std::move(*range);
  throw Error(ErrorKind::kParse,
              fmt::format("'{}' is no range of versions", printable(text.substr(0, 100))))
      .with_hint("ranges look like '1.2.x', '^1.2', '~1.2.3' or '>=1.2 <2 || 3.x'");
}

std::optional<VersionRange> VersionRange::try_parse(std::string_view text) {
  if (text.size() > kMaxLength) return std::nullopt;
  VersionRange range;
  for (bool is_last = false; !is_last;) {
    const std::size_t bars = text.find("||");
    is_last = bars == std::string_view::npos;
    std::optional<std::vector<Comparison>> comparisons = parse_alternative(text.substr(0, bars));
    if (!comparisons) return std::nullopt;
    if (comparisons->empty()) comparisons->push_back(*parse_version_of({}, "*"));
    range.alternatives_.push_back(std::move(*comparisons));
    if (!is_last) text.remove_prefix(bars + 2);
  }
  return range;
}

bool VersionRange::contains(const Version& version) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const auto& comparisons) {
    return std::all_of(comparisons.begin(), comparisons.end(),
                       [&](const Comparison& one) { return one.holds_for(version); });
  });
}

const Version* VersionRange::highest(const std::vector<Version>& versions) const {
  const Version* best = nullptr;
  for (const Version& version : versions)
    if (contains(version) && (best == nullptr || *best < version)) best = &version;
  return best;
}

}  // namespace tote

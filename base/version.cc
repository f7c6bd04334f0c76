#include "base/version.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kMaxLength = 256;  // as Masterminds/semver bounds it

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_identifier(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed);
}

bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text.front() == '0';
}

bool are_identifiers(std::string_view text, bool may_begin_with_zero) {
  const std::vector<std::string> parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return is_identifier(part) &&
           (may_begin_with_zero || !is_digits(part) || !has_leading_zero(part));
  });
}

// Takes what stands behind the first `mark` off the end of `text`.
std::optional<std::string> take_behind(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string taken(text.substr(at + 1));
  text = text.substr(0, at);
  return taken;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  if (is_digits(a) && is_digits(b)) return compare_numbers(a, b);
  if (is_digits(a) != is_digits(b))
    return is_digits(a) ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.compare(b) <=> 0;
}

std::optional<Version> parse_numbers(std::string_view text, bool is_strict) {
  const std::vector<std::string> parts = split(text, '.');
  if (parts.size() > 3 || (is_strict && parts.size() != 3)) return std::nullopt;
  Version version;
  std::uint64_t* const numbers[] = {&version.major, &version.minor, &version.patch};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<std::uint64_t> number = parse_number(parts[i]);
    if (!number || (is_strict && has_leading_zero(parts[i]))) return std::nullopt;
    *numbers[i] = *number;
  }
  return version;
}

std::optional<Version> parse_version(std::string_view text, bool is_strict) {
  if (text.size() > kMaxLength) return std::nullopt;
  const std::optional<std::string> metadata = take_behind(text, '+');
  const std::optional<std::string> prerelease = take_behind(text, '-');
  if (metadata && !are_identifiers(*metadata, true)) return std::nullopt;
  if (prerelease && !are_identifiers(*prerelease, false)) return std::nullopt;
  std::optional<Version> version = parse_numbers(text, is_strict);
  if (!version) return std::nullopt;
  version->prerelease = prerelease.value_or("");
  version->metadata = metadata.value_or("");
  return version;
}

}  // namespace

std::strong_ordering compare_prereleases(std::string_view a, std::string_view b) noexcept {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  for (;;) {
    const std::size_t a_end = std::min(a.find('.'), a.size());
    const std::size_t b_end = std::min(b.find('.'), b.size());
    const auto order = compare_identifiers(a.substr(0, a_end), b.substr(0, b_end));
    if (order != 0) return order;
    if (a_end == a.size() || b_end == b.size()) return a.size() - a_end <=> b.size() - b_end;
    a.remove_prefix(a_end + 1);
    b.remove_prefix(b_end + 1);
  }
}

std::optional<Version> Version::parse(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  return parse_version(text, false);
}

std::optional<Version> Version::parse_strict(std::string_view text) {
  return parse_version(text, true);
}

std::string Version::str() const {
  std::string text = fmt::format("{}.{}.{}", major, minor, patch);
  if (!prerelease.empty()) text += "-" + prerelease;
  if (!metadata.empty()) text += "+" + metadata;
  return text;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
  if (const auto order = a.major <=> b.major; order != 0) return order;
  if (const auto order = a.minor <=> b.minor; order != 0) return order;
  if (const auto order = a.patch <=> b.patch; order != 0) return order;
  return compare_prereleases(a.prerelease, b.prerelease);
}

}  // namespace tote

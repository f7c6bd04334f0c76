#include "chart/repository_index.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"
#include "base/version_range.h"
#include "chart/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tote::chart {
namespace {

std::string text_at(const Value& map, std::string_view name) {
  const Value* value = map.find(name);
  return value != nullptr && value->is_scalar() ? value->text() : "";
}

// "sha256:" in front is what some servers write.
std::string digest_at(const Value& entry) {
  std::string digest = to_lower(text_at(entry, "digest"));
  if (digest.starts_with("sha256:")) digest.erase(0, 7);
  if (digest.empty()) return digest;
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error(ErrorKind::kParse, fmt::format("{}: '{}' is no digest of SHA-256",
                                               entry.origin().str(), printable(digest)));
  return digest;
}

std::optional<IndexEntry> read_entry(const Value& value) {
  const Value* removed = value.find("removed");
  const Value* urls = value.find("urls");
  IndexEntry entry{text_at(value, "version"), {}};
  if (entry.version.empty() || urls == nullptr || !urls->is_list() ||
      (removed != nullptr && removed->is(true)))
    return std::nullopt;
  for (const ValuePtr& url : urls->items())
    if (url->is_scalar() && !url->text().empty()) entry.urls.push_back(url->text());
  if (entry.urls.empty()) return std::nullopt;
  entry.digest = digest_at(value);
  return entry;
}

std::string first_few(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.size() > kShown) text += fmt::format(", and {} more", names.size() - kShown);
  return text;
}

const Value& entries_of(const Value& root, const std::string& origin, const std::string& chart) {
  const Value* entries = root.find("entries");
  if (entries == nullptr || !entries->is_map())
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' is no index of charts: it has no 'entries'", printable(origin)));
  const Value* found = entries->find(chart);
  if (found != nullptr && found->is_list()) return *found;
  std::vector<std::string> names;
  for (const auto& member : entries->members()) names.push_back(member.first);
  throw Error(ErrorKind::kNotFound,
              fmt::format("'{}' has no chart '{}'", printable(origin), printable(chart)))
      .with_hint(names.empty() ? "it has none" : "it has " + first_few(names));
}

}  // namespace

std::vector<std::string> versions_among(std::vector<std::string> tags) {
  for (std::string& tag : tags) std::replace(tag.begin(), tag.end(), '_', '+');
  std::erase_if(tags, [](const std::string& tag) { return !Version::parse_strict(tag); });
  return tags;
}

std::ptrdiff_t choose_version(const std::vector<std::string>& versions, const std::string& wanted) {
  const auto exact = std::find(versions.begin(), versions.end(), wanted);
  if (!wanted.empty() && exact != versions.end()) return exact - versions.begin();
  const VersionRange range = VersionRange::parse(wanted);
  std::ptrdiff_t best = -1;
  std::optional<Version> highest;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto version = Version::parse(versions[i]);
    if (!version || !range.contains(*version) || (highest && *version <= *highest)) continue;
    highest = version;
    best = static_cast<std::ptrdiff_t>(i);
  }
  return best;
}

IndexEntry find_in_index(std::string_view index, const std::string& origin,
                         const std::string& chart, const std::string& wanted) {
  ValueBudget budget;
  const ValuePtr root = read_values(index, origin, budget);
  std::vector<IndexEntry> entries;
  std::vector<std::string> versions;
  for (const ValuePtr& item : entries_of(*root, origin, chart).items())
    if (auto entry = read_entry(*item)) {
      versions.push_back(entry->version);
      entries.push_back(*std::move(entry));
    }
  const std::ptrdiff_t chosen = choose_version(versions, wanted);
  if (chosen < 0)
    throw Error(ErrorKind::kNotFound,
                fmt::format("'{}' has no version '{}' of chart '{}'", printable(origin),
                            wanted.empty() ? "*" : printable(wanted), printable(chart)))
        .with_hint(versions.empty() ? "it has none" : "it has " + first_few(versions));
  return std::move(entries[static_cast<std::size_t>(chosen)]);
}

}  // namespace tote::chart

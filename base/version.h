// Semantic versions (semver.org 2.0.0) as Helm reads them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tote {

// Ordered by precedence: what stands behind a "+" does not count, also not for equality.
struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease = {};  // without its "-"
  std::string metadata = {};    // without its "+"

  // As Masterminds/semver 3 reads versions that are not strict: a "v" in front, and a minor or
  // patch that is not there, are taken ("v1.2" is 1.2.0). Nothing for what is no version.
  static std::optional<Version> parse(std::string_view text);
  // Three numbers without a "v" or zeros in front, and nothing else.
  static std::optional<Version> parse_strict(std::string_view text);

  std::string str() const;

  friend std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept;
  friend bool operator==(const Version& a, const Version& b) noexcept { return a <=> b == 0; }
};

// Of what stands behind the "-" of two versions: none is above all others.
std::strong_ordering compare_prereleases(std::string_view a, std::string_view b) noexcept;

}  // namespace tote

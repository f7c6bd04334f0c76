// Ranges of versions, as dependencies of charts name them: "^1.2", "~1.2.3", ">=1 <2 || 3.x".
#pragma once

#include "base/version.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tote {

// As Masterminds/semver 3 reads them, which Helm uses. Comparisons side by side (blanks or commas
// between them) all have to hold; "||" separates alternatives; "1 - 2" is ">=1 <=2". "x", "X", "*"
// and parts that are not there stand for any number. A prerelease fits only comparisons that name
// one themselves ("^1.0.0-0").
class VersionRange {
 public:
  // Error{kParse} with `text` for what is no range. An empty text is "*".
  static VersionRange parse(std::string_view text);
  static std::optional<VersionRange> try_parse(std::string_view text);

  bool contains(const Version& version) const;
  // The highest of `versions` that is in it; nullptr: none.
  const Version* highest(const std::vector<Version>& versions) const;

  struct Comparison;

 private:
  std::vector<std::vector<Comparison>> alternatives_;
};

enum class VersionOperator {
  kEqual,  // of "1.2.x": like "~"
  kNotEqual,
  kGreater,
  kLess,
  kGreaterOrEqual,
  kLessOrEqual,
  kTilde,
  kCaret,
};

struct VersionRange::Comparison {
  VersionOperator op = VersionOperator::kEqual;
  Version version = {};
  // Which number is the first that may be any.
  enum class Open { kNone, kPatch, kMinor, kMajor } open = Open::kNone;

  bool holds_for(const Version& other) const;
};

}  // namespace tote

// Where a working copy came from: .imgpkg/upstream.yml (docs/formats.md).
#pragma once

#include "oci/reference.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tote::bundle::working_copy {

// How an update brings together what has changed here and there.
enum class Strategy {
  kMerge,        // changes of both
  kFastForward,  // only where nothing has changed here
  kReplace,      // what has changed here is lost
};
// "merge", ...
std::string_view name_of(Strategy strategy) noexcept;
// nullopt: there is none of that name.
std::optional<Strategy> strategy_of(std::string_view name) noexcept;

struct Upstream {
  oci::Reference image;        // the version that is followed
  std::string directory = {};  // in the image; empty: all of it
  Strategy strategy = Strategy::kMerge;
};

// What the files here were last brought up to.
struct UpstreamLock {
  oci::Reference image;
  std::string directory = {};
  oci::Digest digest;
};

// The image that the directory is a copy of, and goes back to.
struct Origin {
  oci::Reference image;
  oci::Digest digest;
};

struct UpstreamFile {
  std::optional<Upstream> upstream = {};  // both, or none of the two
  std::optional<UpstreamLock> lock = {};
  std::optional<Origin> origin = {};

  // Strict: Error{kParse} with the line; of another version in words that say so.
  static UpstreamFile parse(std::string_view text, std::string_view origin);
  // The same bytes for the same content.
  std::string encode() const;

  // That of a directory; nullopt: it has none. A link in its place, or in that of .imgpkg, is
  // Error{kParse}: it may lead anywhere.
  static std::optional<UpstreamFile> load(const std::filesystem::path& directory);
  // Makes .imgpkg if it is not there; the file is replaced as a whole.
  void save(const std::filesystem::path& directory) const;
};

}  // namespace tote::bundle::working_copy

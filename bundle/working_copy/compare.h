// In what a working copy differs from its upstream.
#pragma once

#include "bundle/diff.h"
#include "bundle/event.h"
#include "bundle/working_copy/argument.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::working_copy {

enum class DiffType {
  kLocal,     // what has changed here: the version that the files are of, and the files
  kRemote,    // what has changed upstream: that version, and another one
  kCombined,  // the other version, and the files
  kThreeWay,  // what has changed where
};
// "local", "remote", "combined", "3way"; nullopt: there is none of that name.
std::optional<DiffType> diff_type_of(std::string_view name) noexcept;

struct CompareRequest {
  DirectoryArgument what;  // the other version; without one, what the tag leads to by now
  DiffType type = DiffType::kLocal;
  bool patch = false;
  std::filesystem::path scratch;  // empty; takes the versions that are compared
  Observer observer = {};
};

// One side.
struct Side {
  std::string name;  // as it is called: a place
  std::filesystem::path directory;
};

struct TwoSidedFile {
  std::string path;
  std::optional<Change> here;  // nullopt: it is as it was
  std::optional<Change> upstream;
};

struct Comparison {
  std::vector<Side> sides;               // two, or three: old, here, new
  Difference difference = {};            // of two
  std::vector<TwoSidedFile> files = {};  // of three
  bool is_none() const { return difference.is_none() && files.empty(); }
};

// Error for a directory that is no working copy. Error, Cancelled.
Comparison compare(const CompareRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle::working_copy

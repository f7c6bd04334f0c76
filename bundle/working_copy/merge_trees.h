// Three states of a package - as it was upstream, as it is here, as it is upstream now - become
// one.
#pragma once

#include "base/text_merge.h"
#include "bundle/working_copy/tree.h"
#include "bundle/working_copy/tree_change.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::working_copy {

// What the presence of a file in the three says.
enum class Verdict {
  kLeave,         // as it is here
  kAdd,           // new upstream
  kBothNew,       // new on both sides: the same, or nobody knows what is meant
  kRemove,        // gone upstream, untouched here
  kKeep,          // gone upstream, changed here
  kStaysRemoved,  // removed here
  kCompare,       // everywhere
};
struct Presence {
  bool in_old = false;
  bool here = false;
  bool in_new = false;
};
// `is_changed_here`: of what is in the old one and here.
Verdict verdict_of(const Presence& presence, bool is_changed_here) noexcept;

// What has become of a file, as people are told.
enum class Outcome { kAdded, kUpdated, kMerged, kRemoved, kKept, kStaysRemoved, kConflict };
std::string_view name_of(Outcome outcome) noexcept;

struct FileOutcome {
  std::string path;
  Outcome outcome = Outcome::kUpdated;
  std::string note = {};  // why, of kConflict, kKept and kStaysRemoved
};

// What keeps the three from becoming one.
struct Obstacle {
  std::string path;
  std::string why;
};

struct MergedTree {
  TreeChanges changes = {};
  std::vector<FileOutcome> outcomes = {};  // sorted by path
  std::vector<Obstacle> obstacles = {};    // if there are any, nothing can be done

  std::size_t conflicts() const noexcept;
};

struct TreeMerge {
  const Tree& old_tree;
  const Tree& here;
  const Tree& new_tree;
  // Holds new_tree, and takes files that are made: sources of the changes are relative to it.
  std::filesystem::path sources;
  MergeLabels labels = {};
  std::stop_token stop = {};
};

// Texts that have changed on both sides are merged line by line (text_merge.h), up to this size;
// of what else has changed on both sides the local one stays, and the upstream's is put beside it
// under a name that ends in ".upstream". Of permissions the owner's count, each bit by itself. The
// modes of files in new_tree are changed. Error{kIo}, Cancelled.
inline constexpr std::uint64_t kMaxMergedText = 16U << 20U;
MergedTree merge_trees(const TreeMerge& merge);

// Names of files that are here and upstream not the same, or on one side only.
std::vector<std::string> changed_files(const Tree& old_tree, const Tree& here);

}  // namespace tote::bundle::working_copy

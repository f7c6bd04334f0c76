// How several processes change one OCI image layout directory at a time. The locks are flock()'s
// and lie on directories that are there anyway, so nothing is left behind, not even by kill -9.
// Other tools do not know them: what they see of index.json is always whole.
#pragma once

#include "base/file.h"
#include "base/unique_fd.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace tote::archive {

// Where files are written that have no name yet, in the layout.
inline constexpr const char* kIngest = "ingest";

// Those who add share a layout; who takes blobs out of it has it alone, since others may rely on
// what they have seen there.
enum class LayoutUse { kAdding, kRemoving };

// Held as long as the layout is used so. Who adds waits for who removes, which takes moments; who
// removes does not wait for those who add: Error{kIo}.
UniqueFd lock_layout(const std::filesystem::path& directory, LayoutUse use);
// To another use. False: somebody else's is in the way, and it is kAdding now, for which it may
// have had to wait until nobody removes anything. Error{kIo}.
bool try_change_use(const UniqueFd& lock, LayoutUse use);

// Refuses what is no layout, or one of another version, and nothing is written: Error{kUsage}, or
// Error{kParse} for an oci-layout or index.json that is none. Links inside a layout are not
// followed when it is written to, so they are refused too. What can be made a layout (nothing, an
// empty directory, what a run that was killed has left of a new one) is made one, as far as blobs
// need it.
void prepare_layout(const std::filesystem::path& directory);

// The same for what has to be a layout already: Error{kParse}, and nothing is made.
void expect_layout(const std::filesystem::path& directory);

// Replaces index.json, whole and synced, by what `change` makes of it, without a moment in which
// there is none; nothing is written if that is the same. Others of tote who want to change it wait,
// which nobody holds up for long. `change` is given nullopt where there is none; what is new in the
// layout has to be on the disk before. Returns the text that is there now. Error{kIo}, and what
// `change` throws; then everything is as it was. REQUIRES: lock_layout() of any use
using ChangeIndex = std::function<std::string(const std::optional<std::string>& present)>;
std::string change_index(const std::filesystem::path& directory, const ChangeIndex& change);

// ---- blobs on their way in ---------------------------------------------------------------------

// A file in kIngest for a blob, open for reading and writing, and for nobody else as long as it is
// open: that which an earlier run has left, unless somebody is writing it. `path` gets its name.
// REQUIRES: lock_layout() of any use
FilePtr open_passing_blob(const std::filesystem::path& directory, const std::string& algorithm,
                          const std::string& hex, std::filesystem::path& path);
// What runs that were killed have left, and kIngest if nothing else is in it.
// REQUIRES: lock_layout() for removing
void remove_passing_blobs(const std::filesystem::path& directory);

}  // namespace tote::archive

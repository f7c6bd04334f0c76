#include "bundle/working_copy/merge_trees.h"

#include "base/error.h"
#include "base/file.h"
#include "base/line_diff.h"
#include "bundle/working_copy/tree_obstacles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kOutcomes = {
    "added", "updated", "merged", "removed", "kept", "stays removed", "conflict"};

// nullptr for a directory, too: those are looked at apart.
const Entry* find_file(const Tree& tree, const std::string& name) {
  const auto found = tree.entries.find(name);
  if (found == tree.entries.end() || found->second.kind == EntryKind::kDirectory) return nullptr;
  return &found->second;
}

bool has_directory(const Tree& tree, const std::string& name) {
  const auto found = tree.entries.find(name);
  return found != tree.entries.end() && found->second.kind == EntryKind::kDirectory;
}

bool is_same_file(const Tree& a, const Tree& b, const std::string& name) {
  return a.entries.at(name).owner_bits() == b.entries.at(name).owner_bits() &&
         has_same_content(a, b, name);
}

std::set<std::string> all_names(std::initializer_list<const Tree*> trees) {
  std::set<std::string> names;
  for (const Tree* tree : trees)
    for (const auto& [name, entry] : tree->entries) names.insert(name);
  return names;
}

// Its text, unless it has none that can be merged.
std::optional<std::string> text_in(const Tree& tree, const std::string& name) {
  const Entry& entry = tree.entries.at(name);
  if (entry.kind != EntryKind::kFile || entry.size > kMaxMergedText) return std::nullopt;
  std::string text = read_file(tree.path_of(name), kMaxMergedText);
  if (is_binary(text)) return std::nullopt;
  return text;
}

// Each bit as whoever has changed it.
std::uint32_t merged_bits(std::uint32_t old_bits, std::uint32_t here, std::uint32_t now) {
  const std::uint32_t changed_upstream = old_bits ^ now;
  return (here & ~changed_upstream) | (now & changed_upstream);
}

class Merger {
 public:
  explicit Merger(const TreeMerge& merge)
      : merge_(merge), old_(merge.old_tree), here_(merge.here), new_(merge.new_tree) {}

  MergedTree run() {
    for (const std::string& name : all_names({&old_, &here_, &new_})) {
      if (merge_.stop.stop_requested()) throw Cancelled();
      merge_file(name);
      merge_directory(name);
    }
    add_changes();
    find_obstacles(here_, removed_, put_, result_.obstacles);
    return std::move(result_);
  }

 private:
  void merge_file(const std::string& name) {
    const Presence presence{find_file(old_, name) != nullptr, find_file(here_, name) != nullptr,
                            find_file(new_, name) != nullptr};
    const bool is_changed = presence.in_old && presence.here && !is_same_file(old_, here_, name);
    switch (verdict_of(presence, is_changed)) {
      case Verdict::kLeave:
        return;
      case Verdict::kAdd:
        return take_new(name, Outcome::kAdded);
      case Verdict::kBothNew:
        if (!is_same_file(here_, new_, name))
          result_.obstacles.push_back({name, "it is new here and upstream, and not the same"});
        return;
      case Verdict::kRemove:
        removed_.push_back(name);
        return add_outcome(name, Outcome::kRemoved);
      case Verdict::kKeep:
        return add_outcome(name, Outcome::kKept, "removed upstream, changed here");
      case Verdict::kStaysRemoved:
        if (presence.in_new && !is_same_file(old_, new_, name))
          add_outcome(name, Outcome::kStaysRemoved, "removed here, changed upstream");
        return;
      case Verdict::kCompare:
        return compare(name, is_changed);
    }
  }

  void compare(const std::string& name, bool is_changed_here) {
    if (is_same_file(old_, new_, name) || is_same_file(here_, new_, name)) return;
    if (!is_changed_here) return take_new(name, Outcome::kUpdated);
    const std::uint32_t bits =
        merged_bits(old_.entries.at(name).owner_bits(), here_.entries.at(name).owner_bits(),
                    new_.entries.at(name).owner_bits());
    if (has_same_content(here_, new_, name) || has_same_content(old_, here_, name))
      return take_new(name, Outcome::kMerged, bits);
    if (has_same_content(old_, new_, name)) return keep_content(name, bits);
    merge_text(name, bits);
  }

  void merge_text(const std::string& name, std::uint32_t bits) {
    const auto old_text = text_in(old_, name);
    const auto here_text = text_in(here_, name);
    const auto new_text = text_in(new_, name);
    if (!old_text || !here_text || !new_text) return put_beside(name);
    const TextMerge merged = merge_texts(*old_text, *here_text, *new_text, merge_.labels);
    put_text(name, merged.text, bits);
    if (merged.conflicts == 0) return add_outcome(name, Outcome::kMerged);
    add_outcome(name, Outcome::kConflict,
                merged.conflicts == 1 ? "1 place" : fmt::format("{} places", merged.conflicts));
  }

  // ---- what is put where -----------------------------------------------------------------------

  std::string source_of(const fs::path& path) const {
    return path.lexically_relative(merge_.sources).string();
  }

  void take_new(const std::string& name, Outcome outcome,
                std::optional<std::uint32_t> bits = std::nullopt) {
    if (new_.entries.at(name).kind != EntryKind::kFile)
      throw Error(ErrorKind::kInternal, fmt::format("'{}' of an image is no file", name));
    if (bits) set_mode(new_.path_of(name), mode_with(new_, name, *bits));
    put_.push_back({name, source_of(new_.path_of(name))});
    add_outcome(name, outcome);
  }

  // What is here, with other permissions.
  void keep_content(const std::string& name, std::uint32_t bits) {
    if (here_.entries.at(name).kind != EntryKind::kFile ||
        bits == here_.entries.at(name).owner_bits())
      return;
    const fs::path made = made_file();
    fs::copy_file(here_.path_of(name), made);
    set_mode(made, mode_with(here_, name, bits));
    put_.push_back({name, source_of(made)});
    add_outcome(name, Outcome::kMerged);
  }

  void put_text(const std::string& name, const std::string& text, std::uint32_t bits) {
    const fs::path made = made_file();
    const FilePtr file = File::open(made, O_WRONLY | O_CREAT | O_EXCL, 0600);
    file->write(as_bytes(text));
    struct stat owner {};
    if (::geteuid() == 0 && ::lstat(here_.path_of(name).c_str(), &owner) == 0 &&
        ::fchown(file->fd(), owner.st_uid, owner.st_gid) != 0)
      throw io_error(fmt::format("chown {}", name));
    set_mode(made, mode_with(here_, name, bits));
    put_.push_back({name, source_of(made)});
  }

  void put_beside(const std::string& name) {
    std::string beside = name + ".upstream";
    while (here_.entries.contains(beside) || new_.entries.contains(beside)) beside += ".new";
    put_.push_back({beside, source_of(new_.path_of(name))});
    add_outcome(name, Outcome::kConflict,
                fmt::format("no text to be merged: the upstream's is '{}'", beside));
  }

  fs::path made_file() {
    const fs::path directory = merge_.sources / "made";
    fs::create_directories(directory);
    return directory / std::to_string(++made_);
  }

  static std::uint32_t mode_with(const Tree& tree, const std::string& name, std::uint32_t bits) {
    const std::uint32_t mode = tree.entries.at(name).mode;
    if ((mode & 0700U) == bits) return mode;
    // Who may read it may run it then, or no longer.
    const std::uint32_t readers = (mode & 0444U) >> 2U;
    const std::uint32_t others =
        (bits & 0100U) != 0 ? (mode & 077U) | (readers & 011U) : mode & 066U;
    return (mode & ~0777U) | bits | others;
  }

  static void set_mode(const fs::path& path, std::uint32_t mode) {
    if (::chmod(path.c_str(), mode) != 0) throw io_error(fmt::format("chmod {}", path.string()));
  }

  // ---- directories -----------------------------------------------------------------------------

  void merge_directory(const std::string& name) {
    const bool in_old = has_directory(old_, name);
    const bool in_new = has_directory(new_, name);
    if (in_new && !in_old && !here_.entries.contains(name)) made_directories_.push_back(name);
    if (in_old && !in_new && has_directory(here_, name)) removed_directories_.push_back(name);
  }

  void add_outcome(const std::string& name, Outcome outcome, std::string note = {}) {
    result_.outcomes.push_back({name, outcome, std::move(note)});
  }

  // Directories that are here where a file is to be; what is in them is an obstacle if it stays.
  void clear_places() {
    for (const PutFile& file : put_) {
      if (!has_directory(here_, file.name)) continue;
      for (const auto& [name, entry] : here_.entries)
        if (is_in(file.name, name) && entry.kind == EntryKind::kDirectory)
          removed_directories_.push_back(name);
    }
    std::sort(removed_directories_.begin(), removed_directories_.end());
  }

  void add_changes() {
    using Kind = TreeChange::Kind;
    clear_places();
    for (const std::string& name : removed_) result_.changes.push_back({Kind::kRemove, name});
    // The innermost first.
    for (auto name = removed_directories_.rbegin(); name != removed_directories_.rend(); ++name)
      result_.changes.push_back({Kind::kRemoveDirectory, *name});
    for (const std::string& name : made_directories_)
      result_.changes.push_back({Kind::kMakeDirectory, name});
    for (const auto& [name, source] : put_) result_.changes.push_back({Kind::kPut, name, source});
  }

  const TreeMerge& merge_;
  const Tree& old_;
  const Tree& here_;
  const Tree& new_;
  std::vector<std::string> removed_;
  std::vector<std::string> removed_directories_;
  std::vector<std::string> made_directories_;
  std::vector<PutFile> put_;
  std::size_t made_ = 0;
  MergedTree result_;
};

}  // namespace

Verdict verdict_of(const Presence& presence, bool is_changed_here) noexcept {
  const auto [in_old, here, in_new] = presence;
  if (in_old && here && in_new) return Verdict::kCompare;
  if (in_old && here) return is_changed_here ? Verdict::kKeep : Verdict::kRemove;
  if (in_old) return Verdict::kStaysRemoved;
  if (here && in_new) return Verdict::kBothNew;
  return in_new ? Verdict::kAdd : Verdict::kLeave;
}

std::string_view name_of(Outcome outcome) noexcept {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::size_t MergedTree::conflicts() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(),
                    [](const FileOutcome& file) { return file.outcome == Outcome::kConflict; }));
}

MergedTree merge_trees(const TreeMerge& merge) {
  return Merger(merge).run();
}

std::vector<std::string> changed_files(const Tree& old_tree, const Tree& here) {
  std::vector<std::string> changed;
  for (const std::string& name : all_names({&old_tree, &here})) {
    const bool in_old = find_file(old_tree, name) != nullptr;
    const bool is_here = find_file(here, name) != nullptr;
    if ((in_old || is_here) && !(in_old && is_here && is_same_file(old_tree, here, name)))
      changed.push_back(name);
  }
  return changed;
}

}  // namespace tote::bundle::working_copy

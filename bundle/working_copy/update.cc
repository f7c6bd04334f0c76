#include "bundle/working_copy/update.h"

#include "base/error.h"
#include "base/temporary_file.h"
#include "bundle/upstream_path.h"
#include "bundle/working_copy/directory_update.h"
#include "bundle/working_copy/lock_form.h"
#include "bundle/working_copy/tracked.h"
#include "bundle/working_copy/versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

// How many names of files a sentence has.
constexpr std::size_t kMostNamed = 10;

std::string below(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "/" + name;
}

// As Go writes a list.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : " ") + names[i];
  return fmt::format("[{}{}]", text, names.size() > kMostNamed ? " ..." : "");
}

std::string version_text(const oci::Reference& image) {
  return image.digest ? image.digest->str() : image.tag;
}

[[noreturn]] void refuse(const std::vector<Obstacle>& obstacles, const fs::path& directory) {
  const Obstacle& first = obstacles.front();
  const std::string more =
      obstacles.size() == 1 ? "" : fmt::format(", and {} more", obstacles.size() - 1);
  throw Error(ErrorKind::kUsage, fmt::format("'{}' can not be updated: '{}': {}{}",
                                             directory.string(), first.path, first.why, more))
      .with_hint(
          "nothing was changed; rename what is here, or see 'update --dry-run' and --strategy "
          "replace");
}

class Update {
 public:
  Update(const UpdateRequest& request, registry::Client& client, const Session& session)
      : request_(request),
        session_(session),
        directory_(working_copy_path(request.what.directory)),
        lock_(directory_),
        versions_(client, session, request.policy, request.observer) {}

  Updated run() {
    const bool was_finished = finish_update(directory_);
    const Identities before = identities_of(directory_);
    const std::vector<Tracked> all = load_all_tracked(directory_);
    const oci::Reference image = with_version(all.front().image, request_.what.version);
    Updated updated{image, all.front().digest, versions_.resolve(image), was_finished};
    updated.follows_another = image.name() != all.front().image.name();
    if (is_done(all, updated)) return updated;
    DirectoryUpdate into(directory_);
    for (const Tracked& package : all) add_package(package, into.sources(), updated);
    if (request_.is_trial) return updated;
    if (!updated.tree.obstacles.empty()) refuse(updated.tree.obstacles, directory_);
    into.commit(updated.tree.changes, before);
    return updated;
  }

 private:
  static bool is_done(const std::vector<Tracked>& all, const Updated& updated) {
    return !updated.follows_another &&
           std::all_of(all.begin(), all.end(),
                       [&](const Tracked& package) { return package.digest == updated.after; });
  }

  void add_package(const Tracked& package, const fs::path& sources, Updated& updated) {
    const fs::path scratch = sources / std::to_string(number_++);
    fs::create_directory(scratch);
    if (package.digest != updated.after) add_files(package, sources, scratch, updated);
    add_record(package.with(updated.image, updated.after), package.prefix, sources, scratch,
               updated.tree);
    if (!package.prefix.empty()) updated.nested.push_back(package.prefix);
  }

  // ---- files -----------------------------------------------------------------------------------

  void add_files(const Tracked& package, const fs::path& sources, const fs::path& scratch,
                 Updated& updated) {
    const oci::Repository& repository = package.image.repository;
    const Strategy strategy = request_.strategy.value_or(package.strategy);
    versions_.fetch(repository, updated.after, package.directory, scratch / "new");
    Tree here = scan_tree(directory_ / package.prefix);
    Tree new_tree = scan_tree(scratch / "new");
    Tree old_tree = here;
    if (strategy != Strategy::kReplace) {
      fetch_old(package, scratch / "old");
      old_tree = scan_tree(scratch / "old");
    }
    MergedTree merged;
    look_at_nested(here, old_tree, new_tree, merged.obstacles);
    leave_out(here.nested, old_tree);
    leave_out(here.nested, new_tree);
    if (package.directory.empty()) bring_to_one_form(repository, old_tree, here, new_tree, scratch);
    if (strategy == Strategy::kFastForward) check_unchanged(old_tree, here);
    MergedTree result = merge_trees({old_tree,
                                     here,
                                     new_tree,
                                     scratch,
                                     {"local", "upstream " + version_text(updated.image)},
                                     session_.stop});
    if (package.directory.empty()) relocate(repository, updated.after, new_tree, result, scratch);
    std::move(merged.obstacles.begin(), merged.obstacles.end(),
              std::back_inserter(result.obstacles));
    take(std::move(result), package.prefix, scratch.lexically_relative(sources).string(),
         updated.tree);
  }

  void fetch_old(const Tracked& package, const fs::path& to) {
    try {
      versions_.fetch(package.image.repository, package.digest, package.directory, to);
    } catch (Error& error) {
      if (error.hint().empty())
        error.with_hint(
            "the version that the files here are of is needed to tell what has changed; "
            "--strategy replace does without, and without what has changed here");
      throw;
    }
  }

  // What comes upstream where a working copy of its own lies.
  static void look_at_nested(const Tree& here, const Tree& old_tree, const Tree& new_tree,
                             std::vector<Obstacle>& obstacles) {
    for (const std::string& nested : here.nested)
      for (const auto& [name, entry] : new_tree.entries)
        if (is_in(nested, name) && !old_tree.entries.contains(name)) {
          obstacles.push_back(
              {nested, "it is a working copy of its own, and new upstream: both can not be"});
          break;
        }
  }

  static void check_unchanged(const Tree& old_tree, const Tree& here) {
    const std::vector<std::string> changed = changed_files(old_tree, here);
    if (!changed.empty())
      throw Error(ErrorKind::kUsage,
                  fmt::format("local package files have been modified: {}. use a different update "
                              "--strategy",
                              listed(changed)));
  }

  // As a pull would have written the lock.
  void relocate(const oci::Repository& repository, const oci::Digest& digest, const Tree& new_tree,
                const MergedTree& merged, const fs::path& scratch) {
    const auto outcome =
        std::find_if(merged.outcomes.begin(), merged.outcomes.end(),
                     [](const FileOutcome& file) { return file.path == kImagesLock; });
    const auto put =
        std::find_if(merged.changes.begin(), merged.changes.end(), [](const TreeChange& change) {
          return change.kind == TreeChange::Kind::kPut && change.path == kImagesLock;
        });
    if (put == merged.changes.end() || outcome->outcome == Outcome::kConflict ||
        !versions_.is_bundle(repository, digest))
      return;
    const ImagesLock pushed = ImagesLock::load(new_tree_lock(new_tree, scratch, *put));
    if (versions_.is_relocated(repository, digest, pushed))
      relocate_lock(scratch / put->source, pushed, repository);
  }

  static fs::path new_tree_lock(const Tree& new_tree, const fs::path& scratch,
                                const TreeChange& put) {
    return new_tree.entries.contains(kImagesLock) ? new_tree.path_of(kImagesLock)
                                                  : scratch / put.source;
  }

  static void take(MergedTree&& from, const std::string& prefix, const std::string& source_prefix,
                   MergedTree& to) {
    for (TreeChange& change : from.changes) {
      change.path = below(prefix, change.path);
      if (change.kind == TreeChange::Kind::kPut)
        change.source = below(source_prefix, change.source);
      to.changes.push_back(std::move(change));
    }
    for (FileOutcome& file : from.outcomes) {
      file.path = below(prefix, file.path);
      to.outcomes.push_back(std::move(file));
    }
    for (Obstacle& obstacle : from.obstacles) {
      obstacle.path = below(prefix, obstacle.path);
      to.obstacles.push_back(std::move(obstacle));
    }
  }

  static void add_record(const UpstreamFile& file, const std::string& prefix,
                         const fs::path& sources, const fs::path& scratch, MergedTree& tree) {
    const fs::path path = scratch / "record.yml";
    replace_file(path, file.encode(), 0644);
    tree.changes.push_back({TreeChange::Kind::kPut, below(prefix, kUpstreamFile),
                            path.lexically_relative(sources).string()});
  }

  const UpdateRequest& request_;
  const Session& session_;
  const fs::path directory_;
  const DirectoryLock lock_;
  Versions versions_;
  int number_ = 0;
};

}  // namespace

Updated update(const UpdateRequest& request, registry::Client& client, const Session& session) {
  return Update(request, client, session).run();
}

}  // namespace tote::bundle::working_copy

#include "bundle/working_copy/compare.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/stream.h"
#include "bundle/compare_maps.h"
#include "bundle/patch_text.h"
#include "bundle/working_copy/directory_update.h"
#include "bundle/working_copy/lock_form.h"
#include "bundle/working_copy/tracked.h"
#include "bundle/working_copy/tree.h"
#include "bundle/working_copy/versions.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kTypes = {"local", "remote", "combined", "3way"};
// Of a text a patch is written, and read, in memory.
constexpr std::uint64_t kMaxText = 4U << 20U;
constexpr std::uint64_t kMaxTexts = 64U << 20U;  // of all on one side

oci::Digest digest_of_file(const fs::path& path) {
  const FilePtr file = open_for_reading(path);
  Hasher hasher(HashAlgorithm::kSha256);
  std::vector<std::byte> bytes(kStreamChunk);
  std::uint64_t at = 0;
  while (const std::size_t size = file->read_at(bytes, at)) {
    hasher.update(ConstBytes(bytes).first(size));
    at += size;
  }
  return oci::Digest::of(hasher);
}

TarEntryType type_of(EntryKind kind) {
  if (kind == EntryKind::kFile) return TarEntryType::kFile;
  return kind == EntryKind::kLink ? TarEntryType::kSymbolicLink : TarEntryType::kOther;
}

// With what is pushed of permissions.
FileTree facts_of(const Tree& tree, const std::stop_token& stop) {
  FileTree files;
  for (const auto& [name, entry] : tree.entries) {
    if (stop.stop_requested()) throw Cancelled();
    if (entry.kind == EntryKind::kDirectory) continue;
    TreeFile file{type_of(entry.kind), entry.owner_bits(), entry.size, entry.link_target};
    if (entry.kind == EntryKind::kFile) file.content = digest_of_file(tree.path_of(name));
    if (entry.kind != EntryKind::kFile) file.mode = 0;
    files.emplace(name, std::move(file));
  }
  return files;
}

std::vector<FileChange> compare_facts(const FileTree& before, const FileTree& after) {
  std::vector<FileChange> changes;
  compare_maps(before, after, [&](Change change, const std::string& path, auto old, auto now) {
    changes.push_back({change, path, {}, std::move(old), std::move(now)});
  });
  return changes;
}

FileContents contents_of(const Tree& tree, const std::vector<FileChange>& changes) {
  FileContents contents;
  std::uint64_t left = kMaxTexts;
  for (const FileChange& change : changes) {
    const auto entry = tree.entries.find(change.path);
    if (entry == tree.entries.end() || entry->second.kind != EntryKind::kFile ||
        entry->second.size > std::min(kMaxText, left))
      continue;
    std::string text = read_file(tree.path_of(change.path), kMaxText);
    left -= std::min<std::uint64_t>(left, text.size());
    contents.emplace(change.path, std::move(text));
  }
  return contents;
}

std::vector<TwoSidedFile> both_sides(const std::vector<FileChange>& here,
                                     const std::vector<FileChange>& upstream) {
  std::map<std::string, TwoSidedFile> files;
  for (const FileChange& change : here) files[change.path].here = change.change;
  for (const FileChange& change : upstream) files[change.path].upstream = change.change;
  std::vector<TwoSidedFile> list;
  for (auto& [path, file] : files) {
    file.path = path;
    list.push_back(std::move(file));
  }
  return list;
}

class Comparing {
 public:
  Comparing(const CompareRequest& request, registry::Client& client, const Session& session)
      : request_(request),
        session_(session),
        directory_(working_copy_path(request.what.directory)),
        versions_(client, session, policy_, request.observer),
        tracked_(load()) {}

  Comparison run() {
    const bool needs_old = request_.type != DiffType::kCombined;
    const bool needs_new = request_.type != DiffType::kLocal;
    here_ = scan_tree(directory_);
    if (needs_old) old_ = fetch(tracked_.digest, "old");
    if (needs_new) new_ = fetch(new_digest(), "new");
    leave_out(here_.nested, old_);
    leave_out(here_.nested, new_);
    if (tracked_.directory.empty()) settle_locks(needs_old, needs_new);
    switch (request_.type) {
      case DiffType::kLocal:
        return compare_two(old_, old_side(), here_, here_side());
      case DiffType::kRemote:
        return compare_two(old_, old_side(), new_, new_side());
      case DiffType::kCombined:
        return compare_two(new_, new_side(), here_, here_side());
      case DiffType::kThreeWay:
        break;
    }
    const FileTree old_facts = facts_of(old_, session_.stop);
    return {{old_side(), here_side(), new_side()},
            {},
            both_sides(compare_facts(old_facts, facts_of(here_, session_.stop)),
                       compare_facts(old_facts, facts_of(new_, session_.stop)))};
  }

 private:
  // What an update was broken off in is done first.
  Tracked load() const {
    const DirectoryLock lock(directory_);
    finish_update(directory_);
    return load_tracked(directory_);
  }

  oci::Digest new_digest() {
    new_image_ = with_version(tracked_.image, request_.what.version);
    return versions_.resolve(new_image_);
  }

  Tree fetch(const oci::Digest& digest, const char* name) {
    const fs::path to = request_.scratch / name;
    versions_.fetch(tracked_.image.repository, digest, tracked_.directory, to);
    return scan_tree(to);
  }

  // A lock that a pull has rewritten is as it was.
  void settle_locks(bool has_old, bool has_new) {
    const fs::path scratch = request_.scratch / "locks";
    fs::create_directory(scratch);
    Tree none;
    bring_to_one_form(tracked_.image.repository, has_old ? old_ : new_, here_,
                      has_old && has_new ? new_ : none, scratch);
  }

  Comparison compare_two(const Tree& before, Side before_side, const Tree& after, Side after_side) {
    Comparison result{{std::move(before_side), std::move(after_side)}};
    std::vector<FileChange> changes =
        compare_facts(facts_of(before, session_.stop), facts_of(after, session_.stop));
    if (request_.patch)
      result.difference.patch =
          patch_text(changes, contents_of(before, changes), contents_of(after, changes));
    result.difference.files = std::move(changes);
    return result;
  }

  std::string place(const oci::Reference& image) const {
    return "oci://" + image.repository.name() +
           (tracked_.directory.empty() ? "" : "//" + tracked_.directory) +
           (image.digest ? "@" + image.digest->str() : ":" + image.tag);
  }
  Side old_side() const {
    return {place({tracked_.image.repository, {}, tracked_.digest}), request_.scratch / "old"};
  }
  Side new_side() const { return {place(new_image_), request_.scratch / "new"}; }
  Side here_side() const { return {request_.what.directory.string(), directory_}; }

  const CompareRequest& request_;
  const Session& session_;
  const SignaturePolicy policy_;
  const fs::path directory_;
  Versions versions_;
  const Tracked tracked_;
  oci::Reference new_image_;
  Tree old_;
  Tree here_;
  Tree new_;
};

}  // namespace

std::optional<DiffType> diff_type_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if (kTypes[i] == name) return static_cast<DiffType>(i);
  return std::nullopt;
}

Comparison compare(const CompareRequest& request, registry::Client& client,
                   const Session& session) {
  return Comparing(request, client, session).run();
}

}  // namespace tote::bundle::working_copy

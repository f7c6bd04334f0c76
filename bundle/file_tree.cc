#include "bundle/file_tree.h"

#include "base/error.h"
#include "base/hash.h"
#include "bundle/entry_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace tote::bundle {
namespace {

constexpr std::size_t kMaxFiles = 1'000'000;
constexpr std::size_t kMaxEntries = 4'000'000;  // of a layer, with directories and whiteouts
constexpr std::uint64_t kMaxNames = 256U << 20U;
constexpr std::uint64_t kMaxSparse = std::uint64_t{16} << 30U;
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

std::string below(const std::string& parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}/{}", parent, name);
}

std::string shown(const std::string& name) {
  return name.substr(0, 200);
}

}  // namespace

void FileTreeReader::keep(std::set<std::string> names, std::uint64_t max_size,
                          std::uint64_t max_sum) {
  kept_names_ = std::move(names);
  max_kept_ = max_size;
  kept_left_ = max_sum;
}

void FileTreeReader::apply(Source& layer) {
  written_.clear();
  TarReader tar(layer);
  std::size_t count = 0;
  while (const std::optional<TarEntry> entry = tar.next()) {
    if (stop_.stop_requested()) throw Cancelled();
    if (++count > kMaxEntries)
      throw Error(ErrorKind::kParse, fmt::format("more than {} entries", kMaxEntries));
    while_doing([&] { return fmt::format("entry '{}'", shown(entry->name)); },
                [&] { add(*entry, tar); });
  }
  std::vector<std::byte> rest(kStreamChunk);
  while (layer.read_some(rest) != 0) {
  }
}

void FileTreeReader::add(const TarEntry& entry, TarReader& tar) {
  const std::optional<std::string> name = clean_entry_name(entry.name);
  if (!name) throw Error(ErrorKind::kParse, "its name leads out of the image");
  if (name->empty()) return;
  const std::size_t slash = name->rfind('/');
  const std::string parent = slash == std::string::npos ? std::string() : name->substr(0, slash);
  const std::string last = slash == std::string::npos ? *name : name->substr(slash + 1);
  if (last.starts_with(kWhiteout)) return add_whiteout(parent, last);
  clear_the_way(*name);
  written_.insert(*name);
  if (entry.type == TarEntryType::kDirectory) {
    if (const auto file = tree_.find(*name); file != tree_.end()) erase(file);
    return;
  }
  remove_below(*name, false);
  add_file(*name, entry, tar);
}

void FileTreeReader::add_file(const std::string& name, const TarEntry& entry, TarReader& tar) {
  TreeFile file{entry.type, entry.mode, entry.size, entry.link_target};
  if (entry.type == TarEntryType::kHardLink) {
    const auto target = clean_entry_name(entry.link_target);
    if (const auto found = tree_.find(target.value_or("")); found != tree_.end())
      file = found->second;
    return put(name, std::move(file));
  }
  if (entry.type != TarEntryType::kFile) return put(name, std::move(file));
  if (entry.is_sparse && entry.size > kMaxSparse)
    throw Error(ErrorKind::kParse,
                fmt::format("a sparse file of {} bytes, more than {}", entry.size, kMaxSparse));
  const bool is_kept =
      kept_names_.contains(name) && entry.size <= max_kept_ && entry.size <= kept_left_;
  std::string bytes;
  Hasher hasher(HashAlgorithm::kSha256);
  std::vector<std::byte> chunk(kStreamChunk);
  while (const std::size_t n = tar.content().read_some(chunk)) {
    if (stop_.stop_requested()) throw Cancelled();
    hasher.update(ConstBytes(chunk).first(n));
    if (is_kept) bytes += as_text(ConstBytes(chunk).first(n));
  }
  file.content = oci::Digest::of(hasher);
  put(name, std::move(file));
  if (!is_kept) return;
  kept_left_ -= bytes.size();
  contents_[name] = std::move(bytes);
}

// ".wh.name" hides what is below it, ".wh..wh..opq" all that lower layers have in the directory.
void FileTreeReader::add_whiteout(const std::string& parent, const std::string& name) {
  if (name == kOpaque) return remove_below(parent, true);
  const std::string hidden = name.substr(kWhiteout.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return;
  remove_lower(below(parent, hidden));
}

// Takes away what lower layers have there, not what this one has.
void FileTreeReader::remove_lower(const std::string& name) {
  const auto file = tree_.find(name);
  if (file != tree_.end() && !written_.contains(name)) erase(file);
  remove_below(name, true);
}

void FileTreeReader::remove_below(const std::string& name, bool spares_this_layer) {
  const std::string prefix = name.empty() ? "" : name + "/";
  for (auto at = tree_.lower_bound(prefix); at != tree_.end() && at->first.starts_with(prefix);) {
    const auto next = std::next(at);
    if (!spares_this_layer || !written_.contains(at->first)) erase(at);
    at = next;
  }
}

// Files that lower layers have in the place of the directories above it.
void FileTreeReader::clear_the_way(const std::string& name) {
  for (std::size_t slash = name.find('/'); slash != std::string::npos;
       slash = name.find('/', slash + 1))
    if (const auto file = tree_.find(name.substr(0, slash)); file != tree_.end()) erase(file);
}

void FileTreeReader::put(const std::string& name, TreeFile file) {
  if (const auto old = tree_.find(name); old != tree_.end()) erase(old);
  name_bytes_ += name.size() + file.link_target.size();
  if (tree_.size() >= kMaxFiles || name_bytes_ > kMaxNames)
    throw Error(ErrorKind::kParse,
                fmt::format("more than {} files, or {} bytes of names", kMaxFiles, kMaxNames));
  tree_.emplace(name, std::move(file));
}

void FileTreeReader::erase(FileTree::iterator at) {
  name_bytes_ -= at->first.size() + at->second.link_target.size();
  contents_.erase(at->first);
  tree_.erase(at);
}

}  // namespace tote::bundle

#include "bundle/patch_text.h"

#include "base/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tote::bundle {
namespace {

// Git knows these only.
std::string mode_of(const TreeFile& file) {
  if (file.type == TarEntryType::kSymbolicLink) return "120000";
  return (file.mode & 0100U) != 0 ? "100755" : "100644";
}

// What stands in the patch as the content of a file; nullopt: it is not known.
std::optional<std::string> text_of(const std::optional<TreeFile>& file, const std::string& path,
                                   const FileContents& contents) {
  if (!file) return std::string();
  if (file->type == TarEntryType::kSymbolicLink) return file->link_target;
  const auto found = contents.find(path);
  if (found == contents.end() || file->content != oci::Digest::of(found->second))
    return std::nullopt;
  return found->second;
}

std::string file_line(std::string_view mark, const std::string& name) {
  // Behind a blank in a name a tab says where it ends.
  return fmt::format("{} {}{}\n", mark, name,
                     name.find(' ') != std::string::npos && name.front() != '"' ? "\t" : "");
}

class Patch {
 public:
  Patch(const FileContents& before, const FileContents& after) : before_(before), after_(after) {}

  void add(const FileChange& change) {
    const bool is_other_kind =
        change.before && change.after && mode_of(*change.before)[1] != mode_of(*change.after)[1];
    if (!is_other_kind) return add_one(change);
    // A file that has become a link, or the reverse, goes and comes.
    add_one({Change::kRemoved, change.path, {}, change.before, {}});
    add_one({Change::kAdded, change.path, {}, {}, change.after});
  }

  std::string take() { return std::move(out_); }

 private:
  void add_one(const FileChange& change) {
    const std::string old_name = patch_name("a/", change.path);
    const std::string new_name = patch_name("b/", change.path);
    out_ += fmt::format("diff --git {} {}\n", old_name, new_name);
    add_modes(change);
    const auto old_text = text_of(change.before, change.path, before_);
    const auto new_text = text_of(change.after, change.path, after_);
    const std::string left = change.before ? old_name : "/dev/null";
    const std::string right = change.after ? new_name : "/dev/null";
    if (!old_text || !new_text || is_binary(*old_text) || is_binary(*new_text)) {
      if (!has_same_content(change))
        out_ += fmt::format("{} {} and {} differ\n",
                            old_text && new_text ? "Binary files" : "Files", left, right);
      return;
    }
    const std::string hunks = unified_diff(*old_text, *new_text);
    if (!hunks.empty()) out_ += file_line("---", left) + file_line("+++", right) + hunks;
  }

  static bool has_same_content(const FileChange& change) {
    return change.before && change.after && change.before->content &&
           change.before->content == change.after->content;
  }

  void add_modes(const FileChange& change) {
    if (!change.before) {
      out_ += fmt::format("new file mode {}\n", mode_of(*change.after));
    } else if (!change.after) {
      out_ += fmt::format("deleted file mode {}\n", mode_of(*change.before));
    } else if (mode_of(*change.before) != mode_of(*change.after)) {
      out_ += fmt::format("old mode {}\nnew mode {}\n", mode_of(*change.before),
                          mode_of(*change.after));
    }
  }

  const FileContents& before_;
  const FileContents& after_;
  std::string out_;
};

}  // namespace

std::string patch_name(std::string_view prefix, std::string_view path) {
  const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) {
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
  });
  if (is_plain) return fmt::format("{}{}", prefix, path);
  std::string out = fmt::format("\"{}", prefix);
  for (const char c : path) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c >= ' ' && c < '\x7f')
      out += c;
    else
      out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return out + '"';
}

std::string patch_text(const std::vector<FileChange>& changes, const FileContents& before,
                       const FileContents& after) {
  Patch patch(before, after);
  for (const FileChange& change : changes) patch.add(change);
  return patch.take();
}

}  // namespace tote::bundle

#include "bundle/push_files.h"

#include "base/directory.h"
#include "base/error.h"
#include "bundle/upstream_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <sys/stat.h>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBundleDirectory = ".imgpkg";

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

fs::file_status checked_status(const fs::path& path) {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(path, failed);
  if (!fs::exists(status))
    refuse(fmt::format("lstat {}: no such file or directory", path.string()));
  return status;
}

std::vector<DirectoryEntry> sorted_children(const std::string& directory) {
  std::vector<DirectoryEntry> children = list_directory(directory);
  std::sort(children.begin(), children.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return children;
}

// Whether it is a .imgpkg that would not be there but for a working copy's record.
bool is_for_working_copy_alone(const std::string& path, std::string_view name) {
  if (name != kBundleDirectory) return false;
  const std::vector<DirectoryEntry> children = list_directory(path);
  return !children.empty() &&
         std::all_of(children.begin(), children.end(), [](const DirectoryEntry& child) {
           return is_of_working_copy(path_inside(kBundleDirectory, child.name));
         });
}

class Collector {
 public:
  Collector(const std::vector<std::string>& exclusions, std::vector<PushFile>& files)
      : exclusions_(exclusions), files_(files) {}

  void add_argument(const std::string& argument) {
    argument_ = std::make_shared<const std::string>(argument);
    const fs::file_status status = checked_status(argument);
    if (fs::is_directory(status)) return add_directory(argument, ".");
    // A file argument may be a link to a file; everything else has to be what it seems.
    if (!fs::is_regular_file(argument)) refuse_kind(argument);
    const std::string name = fs::path(argument).filename().string();
    if (!is_excluded(name)) files_.push_back({name, argument, false, argument_});
  }

 private:
  bool is_excluded(const std::string& name) const {
    return std::find(exclusions_.begin(), exclusions_.end(), name) != exclusions_.end();
  }

  [[noreturn]] void refuse_kind(const std::string& path) const {
    throw Error(ErrorKind::kUsage, fmt::format("Expected file '{}' to be a regular file", path))
        .add_context(fmt::format("Adding file '{}' to tar", *argument_));
  }

  void add_directory(const std::string& path, const std::string& name) {
    if (is_excluded(name)) return;
    files_.push_back({name, path, true, argument_});
    for (const DirectoryEntry& child : sorted_children(path)) {
      const std::string child_name = name == "." ? child.name : path_inside(name, child.name);
      const std::string child_path = path_inside(path, child.name);
      if (is_of_working_copy(child_name)) continue;
      if (child.type == S_IFDIR && is_for_working_copy_alone(child_path, child.name)) continue;
      if (child.type == S_IFDIR) {
        add_directory(child_path, child_name);
      } else if (!is_excluded(child_name)) {
        if (child.type != S_IFREG) refuse_kind(child_path);
        files_.push_back({child_name, child_path, false, argument_});
      }
    }
  }

  const std::vector<std::string>& exclusions_;
  std::vector<PushFile>& files_;
  std::shared_ptr<const std::string> argument_;
};

// Every path called .imgpkg at and below `path`; links are not followed, exclusions do not count.
void find_bundle_paths(const std::string& path, std::string_view name, mode_t type,
                       std::vector<fs::path>& found) {
  if (type == S_IFDIR && is_for_working_copy_alone(path, name)) return;
  if (name == kBundleDirectory) found.emplace_back(path);
  if (type != S_IFDIR) return;
  for (const DirectoryEntry& child : sorted_children(path))
    if (child.type == S_IFDIR || child.name == kBundleDirectory)
      find_bundle_paths(path_inside(path, child.name), child.name, child.type, found);
}

void find_bundle_paths(const std::string& argument, std::vector<fs::path>& found) {
  const fs::path path = argument;
  const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
  const bool is_directory = fs::is_directory(checked_status(path));
  find_bundle_paths(argument, name.native(), is_directory ? S_IFDIR : 0, found);
}

std::string shown(const fs::path& path) {
  return fs::absolute(path).lexically_normal().string();
}

template <class List, class Text>
std::string joined(const List& list, Text text) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + text(item);
  return out;
}

// What keeps the arguments from being a bundle; empty: nothing.
std::string why_no_bundle(const std::vector<std::string>& arguments) {
  std::vector<fs::path> found;
  for (const std::string& argument : arguments) find_bundle_paths(argument, found);
  if (found.empty()) return "This directory is not a bundle. It is missing .imgpkg/images.yml";
  if (found.size() > 1)
    return fmt::format(
        "This directory contains multiple bundle definitions. Only a single instance of "
        ".imgpkg/images.yml can be provided and instead these were provided {}",
        joined(found, shown));
  const fs::path parent = fs::absolute(found[0]).lexically_normal().parent_path();
  const bool is_child =
      std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return (fs::absolute(argument) / "").lexically_normal() == (parent / "").lexically_normal();
      });
  if (!is_child)
    return fmt::format("Expected '.imgpkg' directory, to be a direct child of one of: {}; was {}",
                       joined(arguments, [](const std::string& argument) { return argument; }),
                       shown(found[0]));
  if (fs::is_directory(found[0]) && !fs::exists(found[0] / "images.yml"))
    return fmt::format(
        "The bundle expected .imgpkg/images.yml to exist, but it wasn't found in the path {}",
        shown(found[0]));
  return {};
}

// Every name below a directory; kinds and exclusions do not count.
void list_names(const fs::path& directory, const std::string& prefix,
                std::map<std::string, std::vector<std::string>>& sources) {
  std::error_code unreadable;  // collecting says so, unless it is excluded
  for (auto it = fs::directory_iterator(directory, unreadable); !unreadable && it != fs::end(it);
       it.increment(unreadable)) {
    const std::string name = prefix + it->path().filename().string();
    sources[name].push_back(it->path().string());
    if (it->symlink_status().type() == fs::file_type::directory)
      list_names(it->path(), name + "/", sources);
  }
}

// Roots aside, no two entries may have one name.
void check_duplicates(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) return;  // no directory has a name twice
  std::map<std::string, std::vector<std::string>> sources;
  for (const std::string& argument : arguments) {
    if (fs::is_directory(checked_status(argument)))
      list_names(argument, "", sources);
    else
      sources[fs::path(argument).filename().string()].push_back(argument);
  }
  for (const auto& [name, paths] : sources)
    if (paths.size() > 1)
      refuse("Found duplicate paths: " +
             joined(paths, [](const std::string& path) { return path; }));
}

}  // namespace

std::vector<PushFile> collect_files(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& exclusions) {
  check_duplicates(arguments);
  std::vector<PushFile> files;
  Collector collector(exclusions, files);
  for (const std::string& argument : arguments) collector.add_argument(argument);
  return files;
}

void check_is_bundle(const std::vector<std::string>& arguments) {
  if (std::string why = why_no_bundle(arguments); !why.empty()) refuse(std::move(why));
}

void check_is_no_bundle(const std::vector<std::string>& arguments) {
  if (why_no_bundle(arguments).empty())
    refuse(
        "Images cannot be pushed with '.imgpkg' directories, consider using --bundle (-b) option");
}

}  // namespace tote::bundle

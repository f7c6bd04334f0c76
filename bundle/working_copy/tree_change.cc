#include "bundle/working_copy/tree_change.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "bundle/entry_name.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kKinds = {"remove", "remove-directory", "make-directory",
                                                    "put"};

TreeChange::Kind kind_of(const Json& node) {
  const std::string& name = node.string();
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i] == name) return static_cast<TreeChange::Kind>(i);
  throw Error(ErrorKind::kParse, fmt::format("unknown step '{}'", name));
}

std::string checked_path(const std::string& path) {
  if (path.empty() || clean_entry_name(path) != path)
    throw Error(ErrorKind::kParse, fmt::format("'{}' is no path in a directory", path));
  return path;
}

bool is_real_directory(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

void make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && !(errno == EEXIST && is_real_directory(path)))
    throw io_error(fmt::format("mkdir {}", path.string()));
}

void make_parents(const fs::path& directory, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    make_directory(directory / path.substr(0, slash));
}

// Whether all directories above it are there, and no link is among them.
bool has_parents(const fs::path& directory, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    if (!is_real_directory(directory / path.substr(0, slash))) return false;
  return true;
}

void remove(const TreeChange& change, const fs::path& directory) {
  if (!has_parents(directory, change.path)) return;
  const fs::path path = directory / change.path;
  if (change.kind == TreeChange::Kind::kRemove) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      throw io_error(fmt::format("unlink {}", path.string()));
  } else if (::rmdir(path.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY &&
             errno != EEXIST) {
    throw io_error(fmt::format("rmdir {}", path.string()));
  }
}

void link_over(const fs::path& from, const fs::path& to) {
  if (::unlink(to.c_str()) != 0 && errno != ENOENT)
    throw io_error(fmt::format("unlink {}", to.string()));
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) != 0)
    throw io_error(fmt::format("link {}", to.string()));
}

void put(const TreeChange& change, const fs::path& sources, const fs::path& directory,
         Sources how) {
  const fs::path source = sources / change.source;
  struct stat info {};
  if (::lstat(source.c_str(), &info) != 0 && errno == ENOENT) return;  // it was done before
  make_parents(directory, change.path);
  if (how == Sources::kLinked)
    link_over(source, directory / change.path);
  else
    rename_file(source, directory / change.path);
}

}  // namespace

std::string encode(const TreeChanges& changes) {
  JsonWriter json;
  json.begin_object().member("version", 1).key("steps").begin_array();
  for (const TreeChange& change : changes)
    json.begin_object()
        .member("do", kKinds[static_cast<std::size_t>(change.kind)])
        .member("path", change.path)
        .member_unless_empty("source", change.source)
        .end_object();
  return json.end_array().end_object().take();
}

TreeChanges parse_changes(std::string_view text, std::string_view origin) {
  const Json json = Json::parse_unambiguous(text, origin);
  if (json.at("version").number() != 1)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: not of version 1: a newer tote has written it", origin));
  TreeChanges changes;
  for (const Json& step : json.at("steps").items()) {
    TreeChange change{kind_of(step.at("do")), checked_path(step.at("path").string())};
    if (change.kind == TreeChange::Kind::kPut)
      change.source = checked_path(step.at("source").string());
    changes.push_back(std::move(change));
  }
  return changes;
}

void apply(const TreeChanges& changes, const fs::path& sources, const fs::path& directory,
           Sources how) {
  for (const TreeChange& change : changes) switch (change.kind) {
      case TreeChange::Kind::kRemove:
      case TreeChange::Kind::kRemoveDirectory:
        remove(change, directory);
        break;
      case TreeChange::Kind::kMakeDirectory:
        make_parents(directory, change.path + "/");
        break;
      case TreeChange::Kind::kPut:
        put(change, sources, directory, how);
        break;
    }
}

}  // namespace tote::bundle::working_copy

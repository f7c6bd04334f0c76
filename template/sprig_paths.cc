// Sprig's functions of paths. Those of files and those of the web are the same where "/" parts
// both.
#include "template/sprig.h"

#include <utility>
#include <vector>

namespace tote::go_template {
namespace {

// The shortest path of the same place, by its text alone.
std::string cleaned(std::string_view path) {
  const bool is_rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    const bool goes_up = part == "..";
    if (goes_up && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (!goes_up || !is_rooted)
      parts.push_back(part);
  }
  std::string out = is_rooted ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) out.append(i > 0 ? "/" : "").append(parts[i]);
  return out.empty() ? "." : out;
}

std::string base_name(std::string_view path) {
  if (path.empty()) return ".";
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return "/";
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string directory(std::string_view path) {
  return cleaned(path.substr(0, path.rfind('/') + 1));
}

std::string extension(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t point = name.rfind('.');
  return std::string(point == std::string_view::npos ? "" : name.substr(point));
}

}  // namespace

void add_path_functions(FunctionMap& all) {
  all["base"] = make_function(base_name);
  all["dir"] = make_function(directory);
  all["clean"] = make_function(cleaned);
  all["ext"] = make_function(extension);
  all["isAbs"] = make_function([](std::string_view path) { return path.starts_with('/'); });
  for (const auto& [files, web] :
       {std::pair("osBase", "base"), std::pair("osDir", "dir"), std::pair("osClean", "clean"),
        std::pair("osExt", "ext"), std::pair("osIsAbs", "isAbs")})
    all[files] = all[web];
}

}  // namespace tote::go_template

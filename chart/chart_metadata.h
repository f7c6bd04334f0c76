// Chart.yaml, and what stands beside it: Chart.lock, and for charts of version 1 requirements.yaml.
#pragma once

#include "chart/value.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::chart {

// What a dependency gives its parent: the mapping at `child` among its values becomes defaults at
// `parent` among the parent's ("." is all of them).
struct ValueImport {
  std::string child;
  std::string parent;
};

struct Dependency {
  std::string name;
  std::string version = {};     // a range
  std::string repository = {};  // "https://...", "oci://...", "file://...", "@name", or nothing
  std::string alias = {};
  std::string condition = {};  // paths of booleans, with "," between them
  std::vector<std::string> tags = {};
  std::vector<ValueImport> imports = {};
  std::string where = {};  // "Chart.yaml, line 12"

  // The key of its values in the parent.
  const std::string& key() const noexcept { return alias.empty() ? name : alias; }
};

struct LockedDependency {
  std::string name;
  std::string version;
  std::string repository = {};
};

struct Maintainer {
  std::string name;
  std::string email = {};
  std::string url = {};
};

struct ChartMetadata {
  std::string api_version = "v1";
  std::string name;
  std::string version;  // as it is written; Version::parse() takes it
  std::string app_version = {};
  std::string kube_version = {};     // a range
  std::string type = "application";  // or "library"
  std::string description = {};
  std::string home = {};
  std::string icon = {};
  bool is_deprecated = false;
  std::vector<std::string> keywords = {};
  std::vector<std::string> sources = {};
  std::vector<Maintainer> maintainers = {};
  std::vector<std::pair<std::string, std::string>> annotations = {};
  std::vector<Dependency> dependencies = {};

  bool is_library() const noexcept { return type == "library"; }
  // Nothing if there is no such annotation.
  const std::string* annotation(std::string_view name) const noexcept;
};

// Error{kParse} with the line for what is no metadata: a name or version that is not there or may
// not be one, a type that nobody knows, members of the wrong kind. Members that are not known are
// left alone. `origin` is what the file is called.
ChartMetadata parse_chart_metadata(std::string_view text, const std::string& origin);
// The list under "dependencies", of requirements.yaml.
std::vector<Dependency> parse_requirements(std::string_view text, const std::string& origin);
std::vector<LockedDependency> parse_chart_lock(std::string_view text, const std::string& origin);

}  // namespace tote::chart

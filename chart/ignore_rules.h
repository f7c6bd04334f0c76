// .helmignore: which files of a directory are no part of the chart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::chart {

// Helm's rules, which are not git's: a line is a pattern of filepath.Match; with a "/" in it it is
// about the whole path, else about the last name; a "/" in front ties it to the chart's directory,
// one behind it means directories only. The first line that matches decides. A line with "!" leaves
// out what it does not match, as Helm does. "**" is refused.
class IgnoreRules {
 public:
  // Those that Helm has without a file: hidden files in templates/.
  IgnoreRules();
  // And those of a file. Error{kParse} with the line.
  static IgnoreRules parse(std::string_view text, std::string_view origin);

  // `path`: from the chart's directory, with "/".
  bool ignores(std::string_view path, bool is_directory) const;

 private:
  struct Rule {
    std::string pattern;
    bool is_negated = false;
    bool is_for_directories = false;
    bool is_for_whole_path = false;

    bool matches(std::string_view path) const;
  };
  void add(std::string_view line, std::string_view where);

  std::vector<Rule> rules_;
};

}  // namespace tote::chart

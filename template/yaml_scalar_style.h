// How go-yaml v2 writes a text; for template/yaml_output.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tote::go_template {

enum class YamlStyle : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral };

// `is_key`: it has to stay on its line.
YamlStyle yaml_style_of(std::string_view text, bool is_key);
// Whether it takes more than a line, by one of YAML 1.1's line breaks.
bool has_yaml_break(std::string_view text);
// Whether it is one for go-yaml's reader, which reads the JSON that it is made by.
bool is_readable_yaml(std::string_view text);
// Where a text stands: its first column, and how far what is folded at blanks is indented.
struct YamlSpace {
  std::size_t column = 0;
  std::size_t indent = 0;
  bool may_fold = true;
};
std::string yaml_plain(std::string_view text, YamlSpace space);
std::string yaml_double_quoted(std::string_view text, YamlSpace space);
std::string yaml_single_quoted(std::string_view text, YamlSpace space);
// "|", what its head says, and its lines, `indent` further in than the left edge.
std::string yaml_literal(std::string_view text, std::size_t indent);

}  // namespace tote::go_template

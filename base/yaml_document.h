// What base/yaml_builder.cc makes of a text, and a Yaml points into; for no other file.
#pragma once

#include "base/yaml_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

inline constexpr std::size_t kMaxYamlNodes = 1'000'000;

// Bytes of the line break of YAML 1.1 that `text` has at `at`; 0: there is none.
std::size_t yaml_break_length(std::string_view text, std::size_t at) noexcept;
// Where the line ends that `at` is in: at its break, or at the end of the text.
std::size_t yaml_line_end(std::string_view text, std::size_t at) noexcept;

// 24 bytes: a million of them have to fit. Offsets are in bytes, and fit since texts are bounded.
struct Yaml::Node {
  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  YamlType type = YamlType::kNull;
  bool is_cooked = false;  // the value is not a part of the source
  std::uint32_t line = 0;  // from 0 on, where libyaml says it begins
  // Where it is: of a scalar in the source or in `cooked`, of others in `children`.
  std::uint32_t value = 0;
  std::uint32_t size = 0;
  std::uint32_t begin = 0;  // in the source
  std::uint32_t end = 0;
};

struct Yaml::Document {
  Document(std::string_view text, std::string_view name);

  YamlMark mark(std::size_t offset) const;

  std::string origin;
  std::string source;                   // as it was given
  std::size_t first = 0;                // behind a byte order mark
  std::size_t end = 0;                  // so much of it was read
  std::vector<Node> nodes;              // in the order of the source
  std::vector<std::uint32_t> children;  // of each list and mapping (key, value, key, ...) together
  std::string cooked;                   // values of scalars that the source does not have like this
  std::vector<std::pair<std::uint32_t, std::uint32_t>> tags;  // node, offset; in order
  std::size_t text_size = 0;                                  // bytes of all values of scalars
  std::size_t visits = 0;
  std::size_t copied = 0;  // bytes of texts that were asked for

 private:
  mutable std::vector<std::uint32_t> lines_;  // where each begins; made for the first mark
};

}  // namespace tote

// Changing a part of a YAML scalar where it stands.
#pragma once

#include "base/yaml_reader.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tote::bundle::discover {

struct ScalarEdit {
  std::size_t offset;  // in the value, in bytes
  std::size_t length;
  std::string text;  // instead; without white space or quotes

  friend auto operator<=>(const ScalarEdit&, const ScalarEdit&) = default;
};

// Sorted, each once, and none that overlaps one before it.
std::vector<ScalarEdit> in_order(std::vector<ScalarEdit> edits);

// The value with `edits`, which are in order.
std::string edited_value(const Yaml& scalar, const std::vector<ScalarEdit>& edits);
// The scalar as it is to be written: its own bytes, but for what is edited. Quoted if the value
// would be taken for a number or the like otherwise, or has escapes in what is edited.
std::string edited_raw(const Yaml& scalar, const std::vector<ScalarEdit>& edits);

}  // namespace tote::bundle::discover

// Reading a map of a format of our own: what is unknown, missing or of another kind is
// Error{kParse} with its line.
#pragma once

#include "base/yaml_reader.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

class StrictMap {
 public:
  // Also for a key that occurs twice.
  explicit StrictMap(const Yaml& node);

  // Each key has to be asked for once, and then finish() called: what is left is unknown. A member
  // that is null is not there.
  std::optional<Yaml> take(const std::string& key);
  std::string text(const std::string& key);           // "" if it is not there
  std::string required_text(const std::string& key);  // nor may it be empty
  bool is_true(const std::string& key);               // false if it is not there
  std::vector<Yaml> items(const std::string& key);
  void finish() const;

  // Checks `kind` and `version: 1`.
  void take_head(std::string_view kind);
  const Yaml& node() const noexcept { return node_; }

 private:
  Yaml node_;
  std::map<std::string, Yaml> members_ = {};
};

[[noreturn]] void refuse(const Yaml& node, std::string_view why);

}  // namespace tote::bundle::discover

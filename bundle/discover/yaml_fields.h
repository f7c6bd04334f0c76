// Looking into YAML that others wrote and that is not read strictly: what is not there, or of
// another kind, is no complaint.
#pragma once

#include "base/yaml_reader.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace tote::bundle::discover {

// The member of a map; nothing if there is none, if it is null, or if `node` is no map. Of a key
// that occurs twice the last one counts, as for Helm and kubectl.
std::optional<Yaml> member(const Yaml& node, std::string_view key);
// The member that several maps lead to.
std::optional<Yaml> member(const Yaml& node, std::initializer_list<std::string_view> keys);
// The text of a member that is a scalar, otherwise "".
std::string text_member(const Yaml& node, std::string_view key);
bool is_scalar(const Yaml& node);
// The items of a member that is a list, otherwise none.
std::vector<Yaml> items_member(const Yaml& node, std::string_view key);

}  // namespace tote::bundle::discover

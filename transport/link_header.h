// The Link field (RFC 8288), from untrusted text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::transport {

struct Link {
  std::string target;  // a URL or a part of one, as sent
  // Its relation types, in lower case; nullopt: it does not say. Registries of old left it out.
  std::optional<std::vector<std::string>> relations = {};
  bool is_of_something_else = false;  // it has an "anchor"
};

// The links of one field; nullopt if it can not be understood from beginning to end.
std::optional<std::vector<Link>> parse_links(std::string_view field);

// Where a list goes on, by all the Link fields of an answer: the first link that says "next", else
// one that does not say what it is for. Empty: nowhere. Error{kRegistry} if a field can not be
// understood, since a list must not end there as if it were complete.
std::string next_link(const std::vector<std::string>& fields);

}  // namespace tote::transport

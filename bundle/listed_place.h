// What `ls` may be asked to list.
#pragma once

#include "bundle/place.h"

#include <string>
#include <string_view>
#include <variant>

namespace tote::bundle {

// The repositories of a registry, or those of which the path begins so.
struct ListedRegistry {
  std::string registry;     // "localhost:5000"
  std::string prefix = {};  // "team/"; empty: all

  friend bool operator==(const ListedRegistry&, const ListedRegistry&) = default;
};

using ListedPlace = std::variant<ListedRegistry, RegistryPlace, FilePlace, StandardStream>;

// A name without a path that holds a '.' or a port, or is "localhost", is a registry, unless there
// is a file of that name; what ends in '/' is a registry with the beginning of a path; all else is
// as of parse_place(). "oci://" and "docker://" may stand in front. Error{kParse}.
ListedPlace parse_listed_place(std::string_view text, const PathExists& exists = is_there);

}  // namespace tote::bundle

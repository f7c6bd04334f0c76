// Which files a push takes, and whether they are a bundle.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tote::bundle {

// Numeric; what a layer says of its entries.
struct Owner {
  std::uint32_t user = 0;
  std::uint32_t group = 0;

  friend bool operator==(const Owner&, const Owner&) = default;
};

// One entry of a layer.
struct PushFile {
  std::string name;    // in the layer: relative, "." for a root
  std::string source;  // on disk; a text, since a path of the library's takes ten times as much
  bool is_directory = false;
  std::shared_ptr<const std::string> root;  // the argument that it came from
  Owner owner = {};                         // in the layer, whoever owns it here
};

// Walks each argument in turn: a directory before its content, names in bytewise order; a file is
// one entry by its base name. `exclusions` are compared with whole names; an excluded directory
// goes with all that is in it. Throws Error{kUsage} for what is neither a regular file nor a
// directory, and for two entries of one name.
std::vector<PushFile> collect_files(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& exclusions);

// Throws Error{kUsage}, in imgpkg's words, unless the arguments hold exactly one .imgpkg directory,
// directly in one of them, with an images.yml.
void check_is_bundle(const std::vector<std::string>& arguments);
// Throws unless they would fail check_is_bundle(): an image is not to be mistaken for a bundle.
void check_is_no_bundle(const std::vector<std::string>& arguments);

}  // namespace tote::bundle

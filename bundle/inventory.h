// What a place holds, as a list that can be carried to where the next archive is made
// (docs/formats.md, "Inventory").
#pragma once

#include "bundle/place_contents.h"
#include "oci/digest.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tote::bundle {

struct Inventory {
  std::map<oci::Digest, std::uint64_t> blobs;  // and manifests, with their sizes in bytes
  std::map<std::string, oci::Digest> tags;     // that lead to some of them

  // One JSON object with a line break behind it; parse(encode()) is the same.
  std::string encode() const;
  // It is a claim of somebody else's. Error{kParse}.
  static Inventory parse(std::string_view text);
};

inline constexpr std::uint64_t kMaxInventory = 256U << 20U;  // of the text

Inventory list_contents(const PlaceContents& place);

}  // namespace tote::bundle

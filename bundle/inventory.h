// What a place holds, as a list that can be carried to where the next archive is made
// (docs/formats.md, "Inventory").
#pragma once

#include "bundle/place_contents.h"
#include "oci/digest.h"

#include <cstdint>
#include <filesystem>
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

  // As a file of that name holds it: compressed with zstd if it ends in ".zst".
  std::string encode_for(const std::filesystem::path& file) const;
  // Compressed or not, whatever its name. Error{kIo}; Error{kParse}, also for more than
  // kMaxInventory.
  static Inventory load(const std::filesystem::path& file);
};

inline constexpr std::uint64_t kMaxInventory = 256U << 20U;  // of the text

Inventory list_contents(const PlaceContents& place);

}  // namespace tote::bundle

// tote.sums: the digests of those files of an archive that no digest covers otherwise, where names
// and tags are (docs/formats.md).
#pragma once

#include "archive/file_set.h"
#include "base/error.h"

#include <optional>
#include <string>
#include <string_view>

namespace tote::archive {

inline constexpr const char* kToteSums = "tote.sums";

// Collects what it says.
class ToteSums {
 public:
  ToteSums();
  void add(std::string_view name, std::string_view content);
  const std::string& encode() const noexcept { return text_; }

 private:
  std::string text_;
};

// What a tote.sums among `files` says must be so; without one, nothing is said. `manifest_json` and
// `index_json` are the texts of these files, which have been read already; nullopt: there are none.
// Error{kParse} that begins "tote.sums: ".
void check_tote_sums(const FileSet& files, const std::optional<std::string>& manifest_json,
                     const std::optional<std::string>& index_json);

}  // namespace tote::archive

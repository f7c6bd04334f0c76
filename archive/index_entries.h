// index.json of an OCI image layout as a list of entries that can be added and taken out;
// everything else that it says stays as it is.
#pragma once

#include "archive/oci_layout.h"
#include "base/json.h"
#include "oci/manifest.h"
#include "oci/reference.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::archive {

struct IndexEntry {
  std::string text;  // JSON
  oci::Descriptor target;
  // What it is called, by whichever annotation says so; `repository` as the reader was told where
  // that says nothing.
  oci::Repository repository;
  std::string tag;  // empty: it has no name

  // Whether it says no more than that this is there.
  bool is_bare() const;
};

// One without a tag, and one with. `nowhere` as of IndexEntries: an image that is called so does
// not say where it comes from.
IndexEntry bare_entry(const oci::Descriptor& target, const oci::Repository& repository,
                      const oci::Repository& nowhere);
IndexEntry tagged_entry(const oci::Descriptor& target, const oci::Repository& repository,
                        const std::string& tag, const oci::Repository& nowhere);

class IndexEntries {
 public:
  // `read_blob` and `nowhere` as of decode_layout_index(); the first is used only here.
  // Error{kParse} that begins "index.json: ", also for an entry whose descriptor is none.
  IndexEntries(std::string_view text, const ReadBlob& read_blob, const oci::Repository& nowhere);

  std::vector<IndexEntry>& entries() noexcept { return entries_; }
  const std::vector<IndexEntry>& entries() const noexcept { return entries_; }
  std::string text() const;

 private:
  Json document_;  // for all but its entries
  std::vector<IndexEntry> entries_;
};

}  // namespace tote::archive

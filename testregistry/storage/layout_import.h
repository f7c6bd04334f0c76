// Reading an OCI image layout that somebody else wrote (OCI image specification 1.1,
// image-layout.md). Everything in it is untrusted. Internal to testregistry/.
#pragma once

#include "base/unique_fd.h"
#include "oci/manifest.h"
#include "testregistry/storage/storage.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

// Whether a directory is a layout, complete with its index.json, which tools write last.
bool is_layout(const std::string& directory);

struct LayoutBlob {
  oci::Digest digest;  // what its name says
  std::string path;
};
// Regular files only.
std::vector<LayoutBlob> list_layout_blobs(const std::string& directory);
// Reads the file whole.
bool file_has_digest(const std::string& path, const oci::Digest& digest);

// Held as long as nobody else of this program may write to a layout; nullopt: somebody does.
// Error{kIo}.
std::optional<UniqueFd> try_take_layout(const std::string& directory);

// Where the contents of a layout are found.
struct LayoutContents {
  // The bytes of a manifest; nullopt: they are not there. The first only looks, of the second it is
  // known that the manifest is wanted.
  std::function<std::optional<std::string>(const oci::Digest&)> peek;
  std::function<std::optional<std::string>(const oci::Digest&)> fetch;
  std::function<bool(const oci::Digest&)> has;
};

// Puts what `index_json` names, and what that names in turn, into a repository: children first,
// each with its tags. What the layout does not have, or has with other bytes, is left out.
// Returns what is left of index.json: the entries of which something is missing, without the tags
// that were set; empty if everything was there, and the same text if it names nothing. Throws
// Error{kParse} for an index.json that is none.
std::string put_layout_manifests(const std::string& index_json, const LayoutContents& contents,
                                 const std::function<void(const NewManifest&)>& put);

// Ready to be stored, without asking for anything that it needs.
NewManifest make_new_manifest(const oci::Manifest& manifest, std::vector<std::string> tags);

}  // namespace tote::testregistry

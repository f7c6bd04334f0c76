// The index.json of an OCI image layout (OCI image specification 1.1: image-layout.md), in a tar
// or in a directory.
#pragma once

#include "base/json.h"
#include "oci/contents.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote::archive {

inline constexpr const char* kIndexJson = "index.json";
inline constexpr const char* kOciLayout = "oci-layout";
inline constexpr std::string_view kOciLayoutText = R"({"imageLayoutVersion":"1.0.0"})";
inline constexpr std::uint64_t kMaxOciLayout = 64U << 10U;
// `text`: of the file oci-layout. Error{kParse} if it is none, or of another version than 1.0.0:
// what that means nobody can know.
void check_layout_version(std::string_view text);

// All manifests and configs of one archive together, and its index.
inline constexpr std::uint64_t kMaxMetadata = 128U << 20U;
// Error{kParse} if `size` is more than that.
void check_metadata_size(std::uint64_t size);
std::uint64_t metadata_size(const oci::Contents& contents);

// "blobs/<algorithm>/<hex>".
std::string blob_path(const oci::Digest& digest);

// The bundle that was asked for comes first. Besides each image's tag it says what imgpkg's
// manifest.json says of it, in annotations (docs/formats.md). `images_lock` is the text of the lock
// that named the images; empty: there was none.
std::string encode_layout_index(const oci::Contents& contents, const std::string& images_lock = {});
// `present`, the text of another index.json, with these images behind its own: everything stays as
// it is, except for images of the same name, which give way. Error{kParse}.
std::string merge_layout_index(std::string_view present, const oci::Contents& contents,
                               const std::string& images_lock = {});
// `present` without the entries of these digests; everything else stays. The same text if there are
// none. Error{kParse}.
std::string index_without(std::string_view present, const std::set<oci::Digest>& images);

// What the layout holds as a blob; nullopt: nothing. Not verified.
using ReadBlob = std::function<std::optional<std::string>(const oci::Digest&)>;

// What is carried, as a reader would find it on the disk. `contents` has to outlive it.
ReadBlob blobs_in(const oci::Contents& contents);

// The registry of images that do not say where they come from: ".invalid" is reserved (RFC 2606),
// so nobody can be asked for them.
inline constexpr const char* kNowhere = "layout.invalid";
// Of those in an archive or a layout at `path`: its name is theirs, as far as it can be.
oci::Repository nowhere_for(const std::filesystem::path& path);

struct LayoutIndex {
  oci::Contents contents;
  std::string images_lock;  // as encode_layout_index() was given it
};
// The reverse of encode_layout_index(), and of what other tools write. Every manifest and config is
// checked against its digest. Images that do not say where they come from come from `nowhere`.
// `layers` are all that the manifests name. Error{kParse} that begins "index.json: ", or
// Error{kNotFound} if there is no such blob.
// `known`: manifests that need not be read and parsed again; null: none.
LayoutIndex decode_layout_index(std::string_view text, const ReadBlob& read_blob,
                                const oci::Repository& nowhere,
                                const oci::ManifestList* known = nullptr);

// What an entry of "manifests" is called; without a tag it has no name.
struct LayoutName {
  oci::Repository repository;  // `nowhere` if it does not say
  std::string tag;
};
// Of each entry, in their order. Signatures and the like have cosign's tags, whatever name they
// were given. What `read_blob` does not have keeps the name that it has. Error{kParse}.
std::vector<LayoutName> names_of_layout(const Json& index, const ReadBlob& read_blob,
                                        const oci::Repository& nowhere);

// The lock alone; empty if it has none, or is no index.
std::string images_lock_of_index(std::string_view text);

}  // namespace tote::archive

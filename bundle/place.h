// Where something is that may be of several kinds: an image in a registry, an archive, a layout.
//
//   oci://HOST/PATH[//SUB][:TAG][@DIGEST]   an image in a registry
//   docker://[HOST/]PATH...                 the same; without a host it is one of Docker Hub
//   oci:DIRECTORY                           an OCI image layout
//   oci-archive:FILE                        one in a tar
//   docker-archive:FILE                     what `docker save` writes
//   -                                       standard input or output
//   anything else                           a path that exists is a path, the rest is as docker://
//
// The path is all that stands behind the prefix, colons too. What begins with '/', './' or '../' is
// always a path, whether it exists or not. A path that exists and that could be an image too - the
// text has a host, a tag or a digest - is an error that says how to write each; a plain name
// ("app.tar", "config") is the path.
//
// imgpkg's flags (-b, -i, --tar, --to-repo, ...) keep imgpkg's ways, but for "oci://" in front of
// an image (parse_reference()). Places are for the arguments of diff, verify, inventory, get and
// the like.
#pragma once

#include "oci/reference.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tote::bundle {

struct RegistryPlace {
  oci::Repository repository;
  // A directory or file inside the image: relative, without empty, '.' and '..' components; empty:
  // all of it.
  std::string sub_path = {};
  std::string tag = {};                    // as it was written; empty: none was
  std::optional<oci::Digest> digest = {};  // decides if there is a tag too

  // The digest if there is one, else the tag, else "latest".
  oci::Reference reference() const;

  friend bool operator==(const RegistryPlace&, const RegistryPlace&) = default;
};

// kFound: nothing was said; whoever opens it finds out what it is.
enum class FileFormat { kFound, kLayout, kOciArchive, kDockerArchive };

struct FilePlace {
  FileFormat format = FileFormat::kFound;
  std::filesystem::path path;  // as it was written; it may not exist

  friend bool operator==(const FilePlace&, const FilePlace&) = default;
};

struct StandardStream {
  friend bool operator==(const StandardStream&, const StandardStream&) = default;
};

using Place = std::variant<RegistryPlace, FilePlace, StandardStream>;

using PathExists = std::function<bool(const std::filesystem::path&)>;
// Also a link that leads nowhere.
bool is_there(const std::filesystem::path& path);

// Throws Error{kParse} for what is no place, or two, with a hint that says how to write it. No
// password that stands in the text is repeated.
Place parse_place(std::string_view text, const PathExists& exists = is_there);

// An image where imgpkg's rules hold - what has no host is of Docker Hub -, or a place that begins
// with "oci://", with or without a directory in the image. Error{kParse}.
RegistryPlace parse_image_or_place(std::string_view text);
// The same where a whole image is meant: Error{kUsage} for a directory in one. Throws the reason
// alone for a text without "oci://", as oci::Reference::parse() does.
oci::Reference parse_reference(std::string_view text);
// Likewise, but a digest is no tag (oci::Reference::parse_tag()).
oci::Reference parse_tag_reference(std::string_view text);

// What oci::Reference::parse() reads: the same without "oci://". Error as above.
std::string without_oci(std::string_view text);

// Error{kParse} unless it is a path in an image: relative, without empty, '.' and '..' components,
// without control characters, not longer than a path can be.
void check_sub_path(const std::string& path);

// With its prefix, so that it is read as the same place whatever exists: "oci://h.io/p//sub:v1",
// "oci:dir", "./app.tar", "-". It reads as itself.
std::string to_text(const Place& place);

}  // namespace tote::bundle

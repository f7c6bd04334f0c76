// Names of images: "registry/repository:tag", "registry/repository@digest".
#pragma once

#include "oci/digest.h"

#include <optional>
#include <string>
#include <string_view>

namespace tote::oci {

// A repository on a registry. The first component of a name is a registry only if it holds a '.'
// or a ':'; otherwise the name is one of Docker Hub ("ubuntu" is "library/ubuntu" there).
struct Repository {
  std::string registry;  // "localhost:5000", "index.docker.io"; no scheme
  std::string path;      // "team/app": 2 to 255 characters of a-z 0-9 _ - . /

  // Throws Error{kParse} with the reason alone; callers add where the name came from.
  static Repository parse(std::string_view name);
  std::string name() const { return registry + "/" + path; }

  friend auto operator<=>(const Repository&, const Repository&) = default;
};

struct Reference {
  Repository repository;
  std::string tag;               // empty exactly when there is a digest
  std::optional<Digest> digest;  // a tag beside a digest is dropped, as imgpkg does

  // Tag or digest form; no tag means "latest". Throws Error{kParse}.
  static Reference parse(std::string_view text);
  // The tag form only.
  static Reference parse_tag(std::string_view text);
  static std::optional<Reference> try_parse_digest(std::string_view text);

  std::string identifier() const { return digest ? digest->str() : tag; }
  std::string name() const;  // "registry/repository:tag" or "registry/repository@digest"
};

// "registry/repository@digest".
std::string digest_reference(const Repository& repository, const Digest& digest);
// "sha256-<hex>", with which tags that are about a digest begin; of a sha512 digest the first 64
// digits, since a tag has at most 128 characters.
std::string digest_tag(const Digest& digest);
// Whether a tag is the digest_tag() of something, and nothing more.
bool is_digest_tag(std::string_view tag) noexcept;
// Whether `text` may be a tag: 1 to 128 letters, digits, '_', '-', '.'.
bool is_tag(std::string_view text) noexcept;

}  // namespace tote::oci

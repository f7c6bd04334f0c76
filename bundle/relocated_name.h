// Names of their own for the images that a bundle names, where they are copied to: computed from
// their original names and options alone, so that whoever has a lock knows where its images are
// (docs/air-gap.md, "A name of its own for each image").
#pragma once

#include "base/field_template.h"
#include "bundle/images_lock.h"
#include "oci/reference.h"

#include <string>
#include <string_view>

namespace tote::bundle {

// The annotation of a lock in which the name stands that people wrote, as kbld writes it.
inline constexpr std::string_view kOriginalNameAnnotation = "kbld.carvel.dev/id";

struct OriginalName {
  oci::Repository repository;
  std::string tag;  // empty: none is known

  std::string name() const { return repository.name() + (tag.empty() ? "" : ":" + tag); }
};

// An image and the name that it gets.
struct PlacedImage {
  std::string original;  // OriginalName::name()
  oci::Digest digest;
  oci::Reference name;  // with a tag
};

// What "nginx", "quay.io/a/b:1" or "quay.io/a/b:1@sha256:..." name; the first is its tag "latest",
// a digest alone has no tag. Error{kParse}.
OriginalName parse_original_name(std::string_view text);
// By its annotation; without one, or if that is not a name of an image, by its reference, which has
// no tag.
OriginalName original_name(const LockedImage& image);

// A registry as a part of a path: "docker.io" for Docker Hub, a port behind '_', since a path may
// not have ':' and a host no '_' ("localhost_5000"); an IPv6 address without its brackets and with
// '_' for ':'.
std::string registry_in_path(std::string_view registry);

// Immutable.
class RelocatedName {
 public:
  // PREFIX/{{.Registry}}/{{.Repository}}:{{.Tag}}, with `strip_registry` without the registry.
  // `prefix` is a host, with or without a path. Error{kUsage}.
  static RelocatedName under(std::string_view prefix, bool strip_registry);
  // Of the fields Registry (in a path), Repository, Last (component of that), Tag and Digest12 (12
  // hex digits); without a tag in it ":{{.Tag}}" comes behind. Error{kUsage}.
  static RelocatedName from_template(std::string_view text);

  // Always with a tag: one that is not known is "sha256-<hex>.imgpkg", the tag that the image has
  // in the bundle's repository. Error{kUsage} for what is no name.
  oci::Reference of(const OriginalName& original, const oci::Digest& digest) const;

 private:
  explicit RelocatedName(FieldTemplate text) : template_(std::move(text)) {}

  FieldTemplate template_;
};

}  // namespace tote::bundle

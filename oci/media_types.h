// Media types of OCI image specification 1.1 (media-types.md) and of Docker's image format 2.2.
#pragma once

#include <string_view>

namespace tote::oci {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
// Of the config of what has none: "{}".
inline constexpr std::string_view kOciEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kOciGzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciZstdLayer = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";

bool is_image_manifest(std::string_view media_type) noexcept;
bool is_index(std::string_view media_type) noexcept;
// Docker's schema 1, which has no descriptors and can not be carried.
bool is_schema1(std::string_view media_type) noexcept;
// Whether what an index calls by this type is to be followed as a manifest. An empty type leaves
// that to the content; all others are blobs: layers in a build cache, documents beside images.
bool may_be_manifest(std::string_view media_type) noexcept;
// A layer that its vendor does not let registries hand on; manifests may name it without any
// registry having it.
bool is_non_distributable(std::string_view media_type) noexcept;
// A file-system layer of either format, distributable or not.
bool is_layer(std::string_view media_type) noexcept;

}  // namespace tote::oci

#include "oci/media_types.h"

#include <algorithm>
#include <array>

namespace tote::oci {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view media_type, const std::array<std::string_view, N>& known) {
  return std::find(known.begin(), known.end(), media_type) != known.end();
}

constexpr std::array<std::string_view, 2> kSchema1 = {
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws"};

constexpr std::array<std::string_view, 4> kNonDistributable = {
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"};

constexpr std::array<std::string_view, 5> kLayers = {
    kDockerLayer, "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd"};

}  // namespace

bool is_image_manifest(std::string_view media_type) noexcept {
  return media_type == kOciManifest || media_type == kDockerManifest;
}

bool is_index(std::string_view media_type) noexcept {
  return media_type == kOciIndex || media_type == kDockerManifestList;
}

bool is_schema1(std::string_view media_type) noexcept {
  return is_one_of(media_type, kSchema1);
}

bool may_be_manifest(std::string_view media_type) noexcept {
  return media_type.empty() || is_image_manifest(media_type) || is_index(media_type) ||
         is_schema1(media_type);
}

bool is_non_distributable(std::string_view media_type) noexcept {
  return is_one_of(media_type, kNonDistributable);
}

bool is_layer(std::string_view media_type) noexcept {
  return is_one_of(media_type, kLayers) || is_non_distributable(media_type);
}

}  // namespace tote::oci

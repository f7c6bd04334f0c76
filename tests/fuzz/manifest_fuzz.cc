// Manifests, indexes, configs.
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  for (const char* type : {"", "application/vnd.oci.image.manifest.v1+json",
                           "application/vnd.oci.image.index.v1+json"})
    fuzz::allow_errors([&] {
      const oci::RawManifest raw = oci::make_raw_manifest(text, type);
      fuzz::require(raw.bytes == text, "bytes are kept");
      if (oci::is_index(raw.descriptor.media_type))
        oci::parse_index(raw);
      else
        oci::parse_image_manifest(raw);
    });
  fuzz::allow_errors([&] { oci::parse_image_config(text, oci::Digest::of(text)); });
  return 0;
}

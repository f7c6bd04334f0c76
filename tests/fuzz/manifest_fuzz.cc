// Manifests, indexes, configs.
#include "oci/manifest.h"
#include "oci/platform_choice.h"
#include "oci/referrer.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  for (const char* type : {"", "application/vnd.oci.image.manifest.v1+json",
                           "application/vnd.oci.image.index.v1+json"})
    fuzz::allow_errors([&] {
      const oci::ManifestPtr manifest = oci::Manifest::parse(text, type);
      fuzz::require(manifest->bytes() == text, "bytes are kept");
      fuzz::require(manifest->is_index() || manifest->children().empty(),
                    "images have no children");
      if (manifest->has_config())
        fuzz::require(&manifest->config() == &manifest->blobs().back(), "a config is a blob");
      if (const auto list = oci::list_with_referrer(manifest.get(), *manifest))
        fuzz::require(
            oci::Manifest::parse(*list, "")->children().size() == manifest->children().size() + 1,
            "a list has one more");
      const std::vector<bool> chosen =
          oci::PlatformChoice({{"linux", "arm64", "v9.3"}, {"linux", "amd64"}}).of(*manifest);
      fuzz::require(chosen.size() == manifest->children().size(), "each child is chosen or not");
    });
  fuzz::allow_errors([&] { oci::parse_image_config(text, oci::Digest::of(text)); });
  return 0;
}

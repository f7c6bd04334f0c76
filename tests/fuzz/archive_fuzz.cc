// manifest.json of archives: what is accepted can be written and read again.
#include "archive/imgpkg_manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const auto no_blob = [](const oci::Digest&) { return std::nullopt; };
  fuzz::allow_errors([&] {
    const oci::Contents contents =
        archive::decode_imgpkg_manifest(fuzz::as_view(data, size), no_blob);
    const std::string text = archive::encode_imgpkg_manifest(contents);
    fuzz::require(
        archive::encode_imgpkg_manifest(archive::decode_imgpkg_manifest(text, no_blob)) == text,
        "encoding is stable");
  });
  return 0;
}

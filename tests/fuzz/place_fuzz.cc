// Places: what is accepted is written so that it is read as the same, whatever exists.
#include "bundle/place.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;

void check_image(const bundle::RegistryPlace& image) {
  const std::string sub = "/" + image.sub_path + "/";
  fuzz::require(sub.find("/../") == std::string::npos && sub.find("/./") == std::string::npos,
                "no path inside an image leads up");
  const std::string name = image.reference().name();
  fuzz::require(oci::Reference::parse(name).name() == name, "images have names");
}

void check(std::string_view text, bool anything_exists) {
  const bundle::Place place =
      bundle::parse_place(text, [&](const auto&) { return anything_exists; });
  const std::string written = bundle::to_text(place);
  for (const bool exists : {false, true}) {
    const bundle::Place again = bundle::parse_place(written, [&](const auto&) { return exists; });
    fuzz::require(bundle::to_text(again) == written, "texts are normal");
    fuzz::require(again.index() == place.index(), "the kind stays");
  }
  if (const auto* image = std::get_if<bundle::RegistryPlace>(&place)) check_image(*image);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const bool exists : {false, true})
    fuzz::allow_errors([&] { check(fuzz::as_view(data, size), exists); });
  return 0;
}

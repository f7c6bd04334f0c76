// Original names and templates: what comes out is a name that can be read again, below the prefix.
#include "bundle/relocated_name.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  static const oci::Digest kDigest = oci::Digest::of("content");
  const std::size_t line = text.find('\n');
  fuzz::allow_errors([&] {
    const bundle::OriginalName name = bundle::parse_original_name(text.substr(0, line));
    const std::string below =
        bundle::RelocatedName::under("far.example/mirror", false).of(name, kDigest).name();
    fuzz::require(below.starts_with("far.example/mirror/"), "it stays below the prefix");
    fuzz::require(oci::Reference::parse(below).name() == below, "names are normal");
    if (line == std::string_view::npos) return;
    const std::string made =
        bundle::RelocatedName::from_template(text.substr(line + 1)).of(name, kDigest).name();
    fuzz::require(oci::Reference::parse(made).name() == made, "names are normal");
  });
  return 0;
}

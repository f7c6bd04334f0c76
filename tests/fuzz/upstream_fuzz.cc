// Records of working copies, Kptfiles and steps: what is accepted comes back the same.
#include "bundle/working_copy/kptfile.h"
#include "bundle/working_copy/tree_change.h"
#include "bundle/working_copy/upstream_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  namespace working_copy = bundle::working_copy;
  const std::string_view text = fuzz::as_view(data, size);
  const auto comes_back = [](const working_copy::UpstreamFile& file) {
    const std::string encoded = file.encode();
    fuzz::require(working_copy::UpstreamFile::parse(encoded, "again").encode() == encoded,
                  "the record comes back");
  };
  fuzz::allow_errors([&] { comes_back(working_copy::UpstreamFile::parse(text, "record")); });
  fuzz::allow_errors([&] {
    if (const auto file = working_copy::parse_kptfile(text, "Kptfile")) comes_back(*file);
  });
  fuzz::allow_errors([&] {
    const auto steps = working_copy::parse_changes(text, "steps");
    fuzz::require(working_copy::parse_changes(encode(steps), "again") == steps,
                  "the steps come back");
  });
  return 0;
}

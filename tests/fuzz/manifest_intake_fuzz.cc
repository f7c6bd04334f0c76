// What the registry reads out of a manifest that is pushed, and what it says of it to those who ask
// for referrers.
#include "base/json.h"
#include "oci/referrer.h"
#include "testregistry/storage/reachability.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  using namespace tote::testregistry;
  fuzz::allow_errors([&] {
    const std::string_view text = fuzz::as_view(data, size);
    const ManifestFacts facts = read_facts(text, "manifest");
    const ManifestLinks links = links_of(facts);
    fuzz::require(links.needed.size() <= facts.manifests.size() + facts.blobs.size(),
                  "nothing is needed that it does not name");
    const oci::ManifestPtr self = oci::Manifest::parse(std::string(text), "");
    const Json entry = Json::parse(oci::encode_referrer(*self), "referrer");
    fuzz::require(entry.at("digest").string() == self->digest().str(), "a referrer is itself");
  });
  return 0;
}

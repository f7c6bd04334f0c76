// Payloads and bundles that signatures are of: whatever is accepted names at least what it was read
// from, and has signatures of what it says.
#include "base/public_key.h"
#include "bundle/signed_content.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  fuzz::allow_errors([&] {
    const bundle::SignedContent content = bundle::read_simple_signing(text, "c2ln");
    fuzz::require(content.bytes == text, "what is signed is the payload itself");
    fuzz::require(content.images.size() == 1, "a payload is of one image");
  });
  fuzz::allow_errors([&] {
    const bundle::SignedContent content = bundle::read_sigstore_bundle(text);
    fuzz::require(content.bytes.starts_with("DSSEv1 28 application/vnd.in-toto+json "),
                  "what is signed begins with its type");
    fuzz::require(content.signatures.size() <= 16, "signatures are bounded");
  });
  fuzz::allow_errors([&] {
    for (const PublicKey& key : PublicKey::parse_pem(text, "key"))
      fuzz::require(!key.verifies(as_bytes(text), as_bytes(text)), "nothing signs itself");
  });
  return 0;
}

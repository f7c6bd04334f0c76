// Refusing images that nobody whose key is trusted has signed, before anything is done with them.
#pragma once

#include "base/public_key.h"
#include "bundle/selection.h"
#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::bundle {

// Which of the images have to be signed.
enum class VerifyScope {
  kRoot,  // what the command is about; the rest hangs on its digest
  kAll,   // every image that a bundle or a lock names too
};

struct TrustedKey {
  PublicKey key;
  std::string file;  // that it came from
};

struct SignaturePolicy {
  std::vector<TrustedKey> keys = {};  // any of them may have signed; none: nothing is checked
  VerifyScope scope = VerifyScope::kRoot;
};

// The keys in these files (PEM, 64 KiB at most). Error{kIo}, Error{kParse}.
std::vector<TrustedKey> load_trusted_keys(const std::vector<std::filesystem::path>& files);

// An image where it and what is attached to it lie.
struct ImagePlace {
  oci::Repository repository;
  oci::Digest image;
};

// Those of a selection that the policy is about. What comes out of an archive only because it is
// attached to another image need not be signed itself; `archive_contents` is of the archive that
// the selection is from, else null.
std::vector<ImagePlace> images_to_verify(const Selection& selection, VerifyScope scope,
                                         const oci::Contents* archive_contents);

// Error{kUsage} for the first image that is not signed by one of the keys: which it is, and why.
// Reads cosign's `.sig` tags and the sigstore bundles among the referrers, at most 1000 signatures
// of an image; the name in a signature, its time and transparency logs are not looked at.
void verify_signatures(const std::vector<ImagePlace>& images, const SignaturePolicy& policy,
                       copy::ManifestCache& cache, const Session& session);

// The same for the one image in `repository`, and if it is a bundle and the scope asks for it for
// all that it reaches.
void verify_signatures(const oci::Repository& repository, const oci::Manifest& image,
                       const SignaturePolicy& policy, copy::ManifestCache& cache,
                       const Session& session);

}  // namespace tote::bundle

#include "cmd/attached_flags.h"

namespace tote::cmd {

void AttachedFlags::add_to(FlagSet& flags) {
  flags.add_bool("cosign-signatures", 0, cosign_signatures,
                 "Find and copy cosign signatures for images");
  flags
      .add_switch_or_list("include-referrers", include_referrers, referrer_types,
                          "Find and copy what is attached to images: referrers, and cosign's "
                          "signatures, attestations and SBOMs; with =TYPE,... of these artifact "
                          "types only")
      .own();
}

bundle::WantedAttachments AttachedFlags::wanted(bool is_imgpkg) const {
  bundle::WantedAttachments wanted;
  (is_imgpkg ? wanted.signatures : wanted.cosign) = cosign_signatures;
  wanted.everything = include_referrers && referrer_types.empty();
  wanted.types = referrer_types;
  return wanted;
}

}  // namespace tote::cmd

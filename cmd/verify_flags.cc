#include "cmd/verify_flags.h"

#include "base/error.h"

namespace tote::cmd {

void VerifyFlags::add_to(FlagSet& flags) {
  Flag& key = flags.add_array("verify-key", 0, keys,
                              "Path to a public key (PEM) of which there has to be a signature by "
                              "cosign, else nothing is written; several: of one of them. "
                              "Transparency logs and names in signatures are not looked at");
  key.is_path = true;
  key.never_empty().own();
  flags
      .add_string("verify-scope", 0, scope,
                  "What has to be signed: root, the image or bundle that is asked for (the "
                  "default), or all images that it names too")
      .own()
      .needs({"verify-key"})
      .checked_by([this] {
        if (!scope.empty() && scope != "root" && scope != "all")
          throw Error(ErrorKind::kUsage,
                      "--verify-scope can only have the following values [root, all]");
      });
}

bundle::SignaturePolicy VerifyFlags::policy() const {
  return {bundle::load_trusted_keys({keys.begin(), keys.end()}),
          scope == "all" ? bundle::VerifyScope::kAll : bundle::VerifyScope::kRoot};
}

}  // namespace tote::cmd

// --verify-key and --verify-scope of the commands that take images from somewhere.
#pragma once

#include "bundle/signature_policy.h"
#include "cmd/cli/flags.h"

#include <string>
#include <vector>

namespace tote::cmd {

struct VerifyFlags {
  std::vector<std::string> keys;
  std::string scope;

  void add_to(FlagSet& flags);
  // Reads the keys. Throws Error.
  bundle::SignaturePolicy policy() const;
};

}  // namespace tote::cmd

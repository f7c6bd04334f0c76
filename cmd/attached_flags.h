// --cosign-signatures and --include-referrers: what is attached to images and comes along.
#pragma once

#include "bundle/find_attached.h"
#include "cmd/cli/flags.h"

#include <string>
#include <vector>

namespace tote::cmd {

struct AttachedFlags {
  bool cosign_signatures = false;
  bool include_referrers = false;
  std::vector<std::string> referrer_types;

  void add_to(FlagSet& flags);
  bundle::WantedAttachments wanted(bool is_imgpkg) const;
};

}  // namespace tote::cmd

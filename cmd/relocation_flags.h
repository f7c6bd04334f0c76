// --to-prefix, --strip-registry and --to-template: names of their own for the images of a copy.
#pragma once

#include "bundle/relocated_name.h"
#include "bundle/transfer_source.h"
#include "cmd/cli/flags.h"

#include <memory>
#include <string>

namespace tote::cmd {

struct RelocationFlags {
  std::string prefix;
  bool strip_registry = false;
  std::string name_template;

  // `flags` must not outlive this.
  void add_to(FlagSet& flags);

  // Null: images get no names of their own. Error{kUsage}.
  std::shared_ptr<const bundle::RelocatedName> name() const;
  // The repository that a prefix alone means for all of it: that of what was asked for.
  // Error{kUsage} for a source that is not one image.
  std::string repository_of(const bundle::TransferSource& source) const;
};

}  // namespace tote::cmd

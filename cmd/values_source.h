// Where `values` learns of a bundle and of where its images are now.
#pragma once

#include "bundle/moved_images.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/command.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/cli/flags.h"
#include "cmd/registry_flags.h"
#include "cmd/relocation_flags.h"

#include <optional>
#include <string>

namespace tote::cmd {

struct KnownBundle {
  std::string name;                       // as it was asked for
  bundle::MovedImages images;             // of its lock
  std::optional<std::string> chart = {};  // .imgpkg/chart.yml, if it has one
};

class ValuesSource {
 public:
  // `flags` must not outlive this.
  void add_to(FlagSet& flags);

  // Error{kUsage} for places that nothing was said of, and as the functions of moved_images.h.
  KnownBundle find(const CommandContext& context) const;

 private:
  class Finder;

  void add_places(FlagSet& flags);

  std::string bundle_;
  std::string lock_;
  ArchiveFlags archive_;
  std::string to_repo_;
  RelocationFlags relocation_;
  ConcurrencyFlag concurrency_;

 public:
  RegistryFlags registry;
};

}  // namespace tote::cmd

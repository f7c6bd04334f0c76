#include "cmd/archive_flags.h"

#include "base/error.h"

namespace tote::cmd {

void ArchiveFlags::add_to(FlagSet& flags) {
  flags.add_path("tar", 0, tar,
                 "Path to a tar file or an OCI image layout to read, instead of a registry");
  flags.add_path("layout", 0, layout, "Another name of --tar, for directories");
}

void ArchiveFlags::check() const {
  if (!tar.empty() && !layout.empty())
    throw Error(ErrorKind::kUsage, "Expected either --tar or --layout, not both");
}

}  // namespace tote::cmd

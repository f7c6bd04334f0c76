#include "cmd/archive_flags.h"

namespace tote::cmd {

void ArchiveFlags::add_to(FlagSet& flags) {
  flags
      .add_path("tar", 0, tar,
                "Path to a tar file or an OCI image layout to read, instead of a registry")
      .own();
  flags.add_path("layout", 0, layout, "Another name of --tar, for directories")
      .own()
      .excludes({"tar"});
}

}  // namespace tote::cmd

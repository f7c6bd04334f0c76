#include "cmd/platform_flags.h"

#include <memory>
#include <utility>
#include <vector>

namespace tote::cmd {

void add_platforms(FlagSet& flags, oci::PlatformChoice& choice, std::string help) {
  auto names = std::make_shared<std::vector<std::string>>();
  flags.add_list("platform", 0, *names, std::move(help)).own().checked_by([names, &choice] {
    choice = oci::PlatformChoice::parse(*names);
  });
}

}  // namespace tote::cmd

#include "base/json.h"
#include "cmd/command.h"

#include <fmt/format.h>

namespace tote::cmd {

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "Print client version";
  command.run = [](CommandContext& context) {
    context.ui.block(fmt::format("{} version {}\n", context.ui.program(), TOTE_VERSION));
    context.ui.data(json_object({{"version", TOTE_VERSION}}));
  };
  return command;
}

}  // namespace tote::cmd

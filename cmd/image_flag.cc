#include "cmd/image_flag.h"

#include "base/error.h"

namespace tote::cmd {

Argument image_argument() {
  return {.name = "IMAGE", .kind = ArgumentKind::kPlace, .is_optional = true, .is_own = true};
}

const std::string& image_of(const std::string& flag, const CommandContext& context) {
  if (context.arguments.empty()) return flag;
  if (!flag.empty()) throw Error(ErrorKind::kUsage, "Expected either IMAGE or --image, not both");
  return context.arguments.front();
}

}  // namespace tote::cmd

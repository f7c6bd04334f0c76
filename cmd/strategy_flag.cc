#include "cmd/strategy_flag.h"

#include "base/error.h"

#include <optional>
#include <utility>

namespace tote::cmd {

using bundle::working_copy::Strategy;

void add_strategy(FlagSet& flags, const std::string& help, std::function<void(Strategy)> take) {
  flags
      .add_string("strategy", "", help,
                  [take = std::move(take)](const std::string& name) {
                    const std::optional<Strategy> strategy =
                        bundle::working_copy::strategy_of(name);
                    if (!strategy)
                      throw Error(ErrorKind::kUsage,
                                  "--strategy can only have the following values [merge, "
                                  "fast-forward, replace]");
                    take(*strategy);
                  })
      .own();
}

}  // namespace tote::cmd

// Progress as JSON Lines, an event each (docs/machine-output.md).
#pragma once

#include "cmd/cli/messages.h"
#include "cmd/progress/tally.h"

#include <optional>
#include <string_view>

namespace tote::cmd {

// nullopt: programs are not told of it.
std::optional<EventLine> event_line(const bundle::Event& event);
// "progress": how far it is, with the blobs that are on their way.
EventLine state_event(const Tally& tally, Tally::Time now);
// "summary": how it went.
EventLine summary_event(const Tally& tally, Tally::Time now);

}  // namespace tote::cmd

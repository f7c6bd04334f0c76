// Progress in sentences: for logs, and for the last line on a terminal.
#pragma once

#include "cmd/progress/tally.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tote::cmd {

// How much of `whole` `part` is, rounded down; 100 only when it is all.
int percent(std::uint64_t part, std::uint64_t whole);

// What there is to be done: "13 images: 1.2 GiB in 45 blobs to move, 300.0 MiB already there".
std::string work_line(const Tally& tally);
// How far it is: "5 of 45 blobs, 340.0 MiB of 1.2 GiB (28 %), 12.1 MiB/s, 1 min 12 s left".
std::string state_line(const Tally& tally, Tally::Time now);
// How it went, behind what was done ("copied"): "copied 13 images in 93.2 s: 1.2 GiB moved
// (12.9 MiB/s), 20.0 MiB mounted, 300.0 MiB already there".
std::string summary_line(std::string_view done, const Tally& tally, Tally::Time now);

}  // namespace tote::cmd

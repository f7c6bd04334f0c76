// The plan of a copy: shown, written to a file, read from one.
#pragma once

#include "bundle/transfer_plan.h"
#include "cmd/cli/command.h"

#include <cstdint>
#include <string>

namespace tote::cmd {

// Whether a flag of `copy` says what is copied, which a plan does, and not how.
bool is_about_the_copy(const Flag& flag);

// For people: what is done with each image, with all together, and with tags; for --json the plan.
// `bytes_per_second`: of an estimate; 0: none.
void show_plan(const bundle::TransferPlan& plan, const std::string& json,
               std::uint64_t bytes_per_second, Ui& ui);

// The plan with the flags that it was made of.
std::string encode_plan(const bundle::TransferPlan& plan, const CommandContext& context);

// Sets the flags that a plan was made of. Error{kUsage} if others of them were given. Returns it.
bundle::TransferPlan take_plan(const std::string& file, const CommandContext& context);

}  // namespace tote::cmd

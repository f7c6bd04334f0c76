// How much of its stack a thread has left.
#pragma once

namespace tote::go_template {

// False when little is left for one more call into templates: what a text makes deep has to end in
// an error, not in a crash.
bool has_stack_space() noexcept;

}  // namespace tote::go_template

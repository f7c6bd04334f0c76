// --format: one line of a result, as a template says (base/field_template.h).
#pragma once

#include "base/field_template.h"

#include <string>
#include <string_view>

namespace tote::cmd {

// The template of --format. Error{kUsage} for what is none.
FieldTemplate parse_result_template(std::string_view text);

// `result` is what --json prints. A field is a member, with or without a capital ("{{.digest}}",
// "{{.Digest}}"), words together ("{{.DryRun}}" of "dry_run"); "{{.Before.Digest}}" is one in
// another. Error{kUsage} for what is not there, or is a list or an object.
std::string fill(const FieldTemplate& format, std::string_view result);

}  // namespace tote::cmd

// Values as --set of Helm writes them: "a.b=1,list[0].name=x,many={a,b}".
#pragma once

#include "chart/value.h"

#include <string>
#include <string_view>

namespace tote::chart {

enum class SetAs {
  kTyped,   // --set: true, false, null and whole numbers are what they look like
  kString,  // --set-string
};

// `values` with what `text` says. A backslash takes away the meaning of a comma, dot, bracket,
// equals sign, brace or backslash. Error{kUsage} with `text` for what Helm refuses too: no value, a
// list where a mapping is, an index above 65,536, names nested more than 30 deep; and, which Helm
// skips, an empty name.
ValuePtr set_values(const ValuePtr& values, std::string_view text, SetAs as, ValueBudget& budget);

}  // namespace tote::chart

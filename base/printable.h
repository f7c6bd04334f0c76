// Text from elsewhere - a registry, an archive, a file name - made safe to show to a person.
#pragma once

#include <string>
#include <string_view>

namespace tote {

// What would steer a terminal, turn text around or hide in it is written as an escape instead:
// "\x1b" for control characters and for bytes that are not UTF-8, "\u202e" and "\U000e0041" for
// the rest of Unicode. That is C0 (but line breaks and tabs) and C1 controls, bidirectional
// controls, U+2028 and U+2029, and characters that show nothing (zero-width spaces, tags). Joiners
// and variation selectors stay behind letters and emoji outside ASCII, which need them.
// Everything else is left as it is, and so is the result if it goes through here again.
std::string printable(std::string_view text);

// The same for a JSON document: with JSON's own escapes, so that it stays the same value.
std::string printable_json(std::string_view json);

}  // namespace tote

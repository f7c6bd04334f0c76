// The blocks that stand before a tar entry's own header: pax records (POSIX.1-2001, pax) and GNU's
// long names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tote {

struct SpecialHeaders {
  bool is_sparse = false;  // the entry's content leaves holes out
  bool is_hard_link = false;
  // Of a pax record; libarchive drops it where the header's own field is empty, as Go writes it for
  // targets without any ASCII.
  std::optional<std::string> link_target = {};
};

// `headers` is all from the first special header of an entry to the end of its own. libarchive cuts
// a name at the first NUL without a word, and what it says of a name that is no text of the locale
// hides what it said before; so this refuses names with a NUL in them and records that it would
// have warned of. Error{kParse}.
SpecialHeaders check_special_headers(std::string_view headers);

}  // namespace tote

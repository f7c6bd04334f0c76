// What `tag list` and `tag resolve` say of an archive or a layout.
#pragma once

#include "cmd/cli/command.h"
#include "cmd/cli/table.h"

#include <string>

namespace tote::cmd {

// The names that images have, each with its digest and the bytes of all that it needs; a full name
// where the archive says where the image is from. `internal`: with imgpkg's own tags.
Table tags_of_archive(const std::string& path, bool internal, const CommandContext& context);

// The digest of the image that is called so: by a tag, or a reference. Error{kNotFound},
// Error{kUsage} where several are.
std::string resolve_in_archive(const std::string& path, const std::string& name,
                               const CommandContext& context);

}  // namespace tote::cmd

// Where `copy` sends to.
#pragma once

#include "bundle/transfer.h"

#include <string>

namespace tote::cmd {

// "REPOSITORY", or "REPOSITORY:TAG" where it is not imgpkg that is called. Error{kParse}.
bundle::RepositoryTarget parse_destination(const std::string& text, bool is_imgpkg);

}  // namespace tote::cmd

// An OCI image layout as the place that something is sent to.
#pragma once

#include "bundle/cargo.h"
#include "bundle/session.h"

#include <filesystem>

namespace tote::bundle {

// Beside what the layout holds; what is there already is not sent again. Errors of
// archive::LayoutWriter and copy::execute().
void write_layout(const Cargo& cargo, const std::filesystem::path& directory,
                  const Session& session);

}  // namespace tote::bundle

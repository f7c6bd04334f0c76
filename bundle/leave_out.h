// A delta of what is to be copied: without what the far side has, or can make of it.
#pragma once

#include "bundle/cargo.h"
#include "bundle/session.h"
#include "bundle/since.h"

#include <functional>

namespace tote::bundle {

// Takes out of the cargo, which is to go to an archive, the layers that `far` has, but for those of
// bundles: whoever imports it looks into these before anything is there. Of layers that are new it
// puts patches in their place where that is worth it, and tells how much it was. Error, Cancelled.
void leave_out(Cargo& cargo, const FarSide& far,
               const std::function<bool(const oci::Digest& image)>& is_bundle,
               const Session& session);

}  // namespace tote::bundle

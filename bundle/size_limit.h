// --max-size: how much a copy may carry from one repository to another.
#pragma once

#include "copy/plan.h"
#include "oci/reference.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tote::bundle {

// Bytes of layers and configs, as manifests say, of what does not lie in the destination's
// repository. nullopt: any; 0: nothing that is not there, also no empty image.
using SizeLimit = std::optional<std::uint64_t>;

// "6.1 GiB", "1.0 KiB", "512 bytes"; nothing above GiB.
std::string size_text(std::uint64_t bytes);

// Error{kUsage} if a copy from one repository to another is switched off. `to`: null for a file.
void check_that_allowed(const SizeLimit& limit, const oci::Repository& from,
                        const oci::Repository* to);
// Error{kUsage} for more than the limit. `is_elsewhere`: all of it, whatever repositories it names.
void check_size(const SizeLimit& limit, const oci::Contents& contents, const oci::Repository* to,
                bool is_elsewhere);

}  // namespace tote::bundle

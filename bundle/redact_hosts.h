// Hosts that are nobody's business where a bundle goes.
#pragma once

#include "bundle/discover/combine.h"
#include "bundle/images_lock.h"

#include <map>
#include <string>

namespace tote::bundle {

// REQUIRES: no host is "". Writes another name for each of `aliases` in what images are called: in
// all that was found, in what there is to say about it, and in the annotations of the lock. Where
// the lock finds the images stays as it is, since they have to be found.
void redact_hosts(const std::map<std::string, std::string>& aliases, discover::Combined& found,
                  ImagesLock& lock);
// Likewise in a report alone.
void redact_hosts(const std::map<std::string, std::string>& aliases, discover::Report& report);

}  // namespace tote::bundle

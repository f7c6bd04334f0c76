// What --fault of `registry serve` says.
#pragma once

#include "testregistry/registry_config.h"

#include <string>

namespace tote::cmd {

// "method=GET,path=/v2/**/blobs/*,status=503,retry-after=1,rate=0.5,after=2,times=3" with, besides
// or instead of status: redirect=URL, header=NAME:VALUE, limit=N/s, concurrent=N, latency=DURATION,
// drop, truncate=BYTES, extra=BYTES, corrupt=BYTE, stall=BYTES.
// Throws Error{kUsage}.
testregistry::Fault parse_fault(const std::string& text);

}  // namespace tote::cmd

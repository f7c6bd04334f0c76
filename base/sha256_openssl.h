// OpenSSL's SHA-256 for who keeps the state himself. Internal to base/.
#pragma once

#include "base/sha256_lanes.h"

#include <string_view>

namespace tote {

// Whether OpenSSL hashes with the processor's SHA instructions, as it sees the processor: the
// variable OPENSSL_ia32cap counts. False on other architectures than x86-64.
bool openssl_has_sha_instructions();
// The same of what OpenSSL says of the processor: "OPENSSL_ia32cap=0x...:0x...", which may go on.
bool names_sha_instructions(std::string_view settings);

// Advances the state by `blocks` blocks of 64 bytes.
void sha256_by_openssl(Sha256State& state, const std::byte* data, std::size_t blocks) noexcept;

}  // namespace tote

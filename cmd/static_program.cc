// Part of the program if it is static (TOTE_STATIC), and nothing calls it.
//
// OpenSSL reads a configuration of the system when it is first used, and that may name modules to
// load. A static program that loads one gets the system's libc beside its own, and crashes in it.
#include <openssl/crypto.h>

namespace {

// Whoever comes first decides this for the process.
[[maybe_unused]] const int configured = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);

}  // namespace

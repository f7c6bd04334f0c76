#include "template/system_random.h"

#include "base/error.h"

#include <openssl/rand.h>

namespace tote::go_template {

void SystemRandom::fill(char* bytes, std::size_t count) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes), static_cast<int>(count)) != 1)
    throw Error(ErrorKind::kIo, "the system gives no random bytes");
}

}  // namespace tote::go_template

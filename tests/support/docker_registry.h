// Debian's docker-registry (distribution 2.8) on a free port.
#pragma once

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <memory>
#include <string>

namespace tote::test {

// One user: "user", with the password "secret".
inline constexpr const char* kHtpasswd =
    "user:$2y$05$0hEBA9jDFEa3R3jnZhBSRuzdgX05tOY3wYDB6RsVq5b/FpV0l3fXO";

class DockerRegistry {
 public:
  // Keeps what it has in `dir`/`name`.
  DockerRegistry(const TempDir& dir, const std::string& name, bool with_password = false);

  const std::string& address() const { return address_; }

 private:
  void start(const TempDir& dir, const std::string& name);
  bool wait_until_ready();

  std::string address_;
  std::unique_ptr<Child> child_;
};

}  // namespace tote::test

#include "tests/support/docker_registry.h"

#include "tests/support/test_registry.h"

#include <fmt/format.h>

#include <stdexcept>

namespace tote::test {

DockerRegistry::DockerRegistry(const TempDir& dir, const std::string& name, bool with_password) {
  std::string config = fmt::format(
      "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: "
      "{}}}\n  delete: {{enabled: true}}\nhttp:\n  addr: 127.0.0.1:0\n",
      (dir / name).string());
  if (with_password) {
    write_text(dir / (name + ".htpasswd"), kHtpasswd);
    config += fmt::format("auth:\n  htpasswd: {{realm: test, path: {}}}\n",
                          (dir / (name + ".htpasswd")).string());
  }
  write_text(dir / (name + ".yml"), config);
  start(dir, name);
}

// It does not say which port it got, so one is looked for that nobody has.
void DockerRegistry::start(const TempDir& dir, const std::string& name) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    address_ = TestRegistry().address();  // free a moment ago
    child_ = std::make_unique<Child>(
        std::vector<std::string>{"docker-registry", "serve", (dir / (name + ".yml")).string()},
        ProgramOptions{.environment = {{"REGISTRY_HTTP_ADDR", address_}}});
    if (wait_until_ready()) return;
  }
  throw std::runtime_error("docker-registry does not start");
}

bool DockerRegistry::wait_until_ready() {
  const auto ready =
      run({"curl", "-s", "-o", "/dev/null", "--retry", "30", "--retry-connrefused", "--retry-delay",
           "0", "--retry-max-time", "20", "-w", "%{http_code}", "http://" + address_ + "/v2/"});
  return ready.out == "200" || ready.out == "401";
}

}  // namespace tote::test

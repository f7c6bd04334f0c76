// Files of docker and podman that hold credentials. Helpers are not run: there are none in PATH.
#include "registry/auth/config_key.h"
#include "registry/auth/docker_config.h"
#include "tests/fuzz/fuzz.h"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  registry::CredentialHelpers helpers({{"PATH", "/nonexistent"}});
  for (const char* name : {"reg.io/team/app", "ubuntu", "localhost:5000/app"}) {
    const oci::Repository repository = oci::Repository::parse(name);
    if (const auto closeness = registry::match_config_key(text, repository))
      fuzz::require(*closeness <= repository.path.size(), "no path is matched beyond its end");
    fuzz::allow_errors(
        [&] { registry::credentials_in_config(text, "config.json", repository, helpers); });
  }
  return 0;
}

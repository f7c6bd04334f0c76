// WWW-Authenticate fields, and URLs as registries send them.
#include "registry/auth/auth_challenge.h"
#include "tests/fuzz/fuzz.h"
#include "transport/url.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  for (const auto& challenge : registry::parse_challenges(text))
    fuzz::require(!challenge.scheme.empty(), "a challenge has a scheme");
  transport::redact_url(text);
  fuzz::allow_errors([&] { transport::origin_of(text); });
  fuzz::allow_errors([&] {
    const std::string url = transport::resolve_url("https://registry.example/v2/a", text);
    transport::origin_of(url);
  });
  return 0;
}

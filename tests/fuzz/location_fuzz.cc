// URLs that a server gave us, in a Location.
#include "tests/fuzz/fuzz.h"
#include "transport/location.h"
#include "transport/url.h"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string text(fuzz::as_view(data, size));
  transport::redact_reference(text);
  for (const char* base : {"https://registry.example/v2/a/blobs/uploads/", "http://10.0.0.1:5000/"})
    fuzz::allow_errors([&] {
      const std::string url = transport::follow(base, text);
      const bool was_tls = transport::scheme_of(base) == "https";
      fuzz::require(!was_tls || transport::scheme_of(url) == "https", "TLS is never left");
      fuzz::require(url.find('#') == std::string::npos, "a URL to ask for has no fragment");
      fuzz::require(url.find_first_of(" \r\n") == std::string::npos, "it is one word");
      fuzz::require(transport::origin_of(transport::follow(base, url)) == transport::origin_of(url),
                    "following it again leads to the same place");
      const std::string with_digest = transport::with_parameter(url, "digest", "sha256:1");
      fuzz::require(transport::origin_of(with_digest) == transport::origin_of(url),
                    "a parameter changes no origin");
    });
  return 0;
}

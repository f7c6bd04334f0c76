// A fault on purpose, for those who test clients of registries.
#pragma once

#include "testregistry/http/handler.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tote::testregistry {

// What happens to the requests that it is for.
struct Fault {
  std::string method = {};                  // empty: every one
  std::string path = "**";                  // pattern of the path (name_pattern.h)
  double rate = 1;                          // of them, how many
  std::uint64_t after = 0;                  // the first so many are spared
  std::optional<std::uint64_t> times = {};  // and no more than so many are hit
  // Only those are hit that come faster, or while so many others are not answered yet.
  std::optional<double> limit = {};              // requests in a second
  std::optional<std::uint64_t> concurrent = {};  // requests

  int status = 0;                // answered with it instead of being handled
  std::string retry_after = {};  // with such a header
  std::string redirect = {};     // and where to: a URL; without a path, the request's is added
  NameValues headers = {};       // in the place of those that the answer has
  Mishap mishap = {};            // on the way out
};

}  // namespace tote::testregistry

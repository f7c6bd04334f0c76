// Programs named docker-credential-NAME, which know passwords (the protocol of docker's credential
// helpers: the registry on stdin, JSON on stdout).
#pragma once

#include "base/environment.h"
#include "base/once_map.h"
#include "registry/auth/credentials.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace tote::registry {

struct HelperAnswer {
  std::optional<Credentials> credentials = {};  // nullopt: it has nothing
  bool is_missing = false;                      // there is no such program
};

// Thread-safe: each helper runs once for each key, several at a time.
class CredentialHelpers {
 public:
  // They are looked up and run in `environment`. `say` gets what they write to stderr, whole lines;
  // any thread. May be empty.
  explicit CredentialHelpers(Environment environment,
                             std::function<void(std::string_view)> say = {})
      : environment_(std::move(environment)), say_(std::move(say)) {}

  // What `docker-credential-<helper> get` says of `key`. A helper that fails is asked `tries`
  // times, two seconds apart. Throws Error{kUnauthorized} when it failed for good, Error{kParse}
  // for a name or an answer that is none, Error{kIo} when it can not be run.
  HelperAnswer ask(const std::string& helper, const std::string& key, int tries,
                   const std::stop_token& stop);

 private:
  HelperAnswer run(const std::string& helper, const std::string& key, int tries,
                   const std::stop_token& stop) const;

  const Environment environment_;
  std::function<void(std::string_view)> say_;
  OnceMap<std::pair<std::string, std::string>, HelperAnswer> answers_;
};

}  // namespace tote::registry

// Storing credentials where docker_config.h finds them: in docker's config.json, or with the
// credential helper that it names.
#pragma once

#include "base/environment.h"
#include "registry/auth/credentials.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::registry {

// $DOCKER_CONFIG/config.json or $HOME/.docker/config.json, which is read before all others; it may
// not exist. Error{kUsage} if neither variable is set.
std::filesystem::path login_file(const Environment& environment);

// Changes to one such file, by one at a time: others wait (FILE.lock). What is not about the
// registry keeps every byte; the file is as it was or as it is to be, whenever something breaks; a
// link stays one. A new file has mode 0600, in a directory of mode 0700; an existing one keeps its
// own. `registry` is a host ("registry.example:5000"; Docker Hub is "index.docker.io"). Throws
// Error{kParse} for a file that is none, Error{kIo}, and Error{kUnauthorized} for a helper that
// fails; no secret is part of a message.
class LoginStore {
 public:
  // Helpers are looked up and run in `environment`.
  LoginStore(std::filesystem::path file, Environment environment);

  // Returns the program that keeps them, or "": the file does.
  std::string store(const std::string& registry, const Credentials& credentials) const;

  struct Erased {
    bool was_there = false;
    std::vector<std::string> others = {};  // entries for paths on the registry, which stay
  };
  Erased erase(const std::string& registry) const;

  const std::filesystem::path& file() const noexcept { return file_; }
  // Whether somebody else may read what the file holds.
  bool is_open_to_others() const;

 private:
  std::string helper_for(const std::string& text, const std::string& registry) const;

  const std::filesystem::path file_;  // the one that a link leads to
  const Environment environment_;
};

}  // namespace tote::registry

// How a registry asks who somebody is, and what they may do.
#pragma once

#include "testregistry/access/access_rules.h"

#include <chrono>
#include <functional>
#include <string>

namespace tote::testregistry {

// kBasic: the challenge that every client understands, but with which Docker's clients do not push
// to a registry that lets everybody read. kToken: Bearer; right passwords are taken as well.
enum class AuthScheme { kBasic, kToken };

struct AccessOptions {
  AccessRules rules;
  AuthScheme scheme = AuthScheme::kBasic;
  // "https://registry.example", for the URL of the token service; empty: as the client asked.
  std::string public_url = {};
  std::chrono::seconds token_lifetime{300};
  std::string token_key = {};  // empty: a random one
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

}  // namespace tote::testregistry

// The WWW-Authenticate field (RFC 9110, 11.6.1), from untrusted text.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

struct AuthChallenge {
  std::string scheme;                             // lower-case: "basic", "bearer"
  std::map<std::string, std::string> parameters;  // names in lower case

  std::string parameter(const std::string& name) const;  // "" when absent
};

// One field may hold several challenges. What can not be understood is left out.
std::vector<AuthChallenge> parse_challenges(std::string_view field);

}  // namespace tote::registry

#include "registry/auth/auth_challenge.h"

#include "base/text.h"
#include "transport/field_scanner.h"

namespace tote::registry {
std::string AuthChallenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<AuthChallenge> parse_challenges(std::string_view field) {
  std::vector<AuthChallenge> challenges;
  transport::FieldScanner scan(field);
  for (;;) {
    scan.skip(" \t,");
    if (scan.at_end()) return challenges;
    const std::string word = scan.token();
    if (word.empty()) {
      scan.drop_one();  // nothing that belongs here
      continue;
    }
    scan.skip(" \t");
    if (!scan.next_is('=')) {
      challenges.push_back({to_lower(word), {}});
      continue;
    }
    scan.drop_one();
    scan.skip(" \t");
    std::string value = scan.value();
    if (!challenges.empty()) challenges.back().parameters[to_lower(word)] = std::move(value);
  }
}

}  // namespace tote::registry

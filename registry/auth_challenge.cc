#include "registry/auth_challenge.h"

#include "base/text.h"

#include <algorithm>

namespace tote::registry {
namespace {

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  void drop_one() { rest_.remove_prefix(1); }

  std::string token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    std::string out(rest_.begin(), end);
    rest_.remove_prefix(out.size());
    return out;
  }

  // A token or a "quoted \"string\"".
  std::string value() {
    if (!next_is('"')) return token();
    drop_one();
    std::string out;
    while (!at_end() && !next_is('"')) {
      if (next_is('\\') && rest_.size() > 1) drop_one();
      out += rest_.front();
      drop_one();
    }
    if (!at_end()) drop_one();
    return out;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string AuthChallenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<AuthChallenge> parse_challenges(std::string_view field) {
  std::vector<AuthChallenge> challenges;
  Scanner scan(field);
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

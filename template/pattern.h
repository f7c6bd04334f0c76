// Regular expressions as Go's package regexp has them, on RE2, which is by the same people.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace tote::go_template {

class Pattern {
 public:
  // Error{kParse}: "error parsing regexp: missing closing ]: `[a`".
  explicit Pattern(std::string_view pattern);
  ~Pattern();

  bool matches(std::string_view text) const;
  std::string find(std::string_view text) const;  // the first; "" for none
  // At most `most`; negative: all.
  std::vector<std::string> find_all(std::string_view text, std::int64_t most) const;
  // `with` has "$1" and "${name}" for groups, unless it is taken as it stands.
  std::string replace_all(std::string_view text, std::string_view with, bool is_literal) const;
  std::vector<std::string> split(std::string_view text, std::int64_t most) const;

 private:
  struct Match {
    std::size_t begin;
    std::size_t end;
    std::vector<std::string_view> groups;  // the whole first; without data: none
  };
  bool match_at(std::string_view text, std::size_t from, Match& out) const;
  std::vector<Match> all_matches(std::string_view text, std::int64_t most) const;
  void expand(std::string& out, std::string_view with, const Match& match) const;
  std::string_view group(std::string_view name, const Match& match) const;

  std::string source_;
  std::unique_ptr<re2::RE2> re2_;
};

// With what means something in patterns behind a backslash.
std::string quote_pattern(std::string_view text);

}  // namespace tote::go_template

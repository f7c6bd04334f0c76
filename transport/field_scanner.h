// Reading the value of a header field that is made of tokens and quoted strings (RFC 9110, 5.6).
#pragma once

#include <string>
#include <string_view>

namespace tote::transport {

class FieldScanner {
 public:
  explicit FieldScanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
  void skip(std::string_view characters);
  void drop_one() { rest_.remove_prefix(1); }  // REQUIRES: !at_end()

  // The characters of a token that come next; empty: none does.
  std::string token();
  // A token or a "quoted \"string\"", which may lack its end.
  std::string value();
  // What comes before `end`, which is dropped too. Empty if there is no `end`.
  std::string up_to(char end);

 private:
  std::string_view rest_;
};

}  // namespace tote::transport

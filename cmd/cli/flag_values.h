// The values of flags, as Go's pflag reads them.
//
// All throw std::string: what is wrong, in Go's words.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tote::cmd {

bool parse_bool(const std::string& text);
int parse_int(const std::string& text);
// One record (RFC 4180). "" has no fields.
std::vector<std::string> parse_csv(const std::string& text);
// CSV of key=value; one pair alone may hold commas.
std::vector<std::pair<std::string, std::string>> parse_pairs(const std::string& text);

}  // namespace tote::cmd

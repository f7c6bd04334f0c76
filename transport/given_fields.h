// What users give to be sent with requests, or to be looked up in place of what DNS says.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tote::transport {

// Name and value of "Name: value" (RFC 9110, 5). Error{kUsage} for what is no field, and for fields
// that say what a request is: those are the program's own.
std::pair<std::string, std::string> parse_given_field(std::string_view text);

// Whether the value of a field is not for anybody to see, as far as its name says: of passwords,
// keys, tokens, cookies and the like.
bool is_secret_field(std::string_view name);

// "HOST:PORT:ADDRESS[,ADDRESS]" as it is, in small letters; an address of IPv6 may stand in
// brackets. Error{kUsage} for anything else.
std::string parse_given_address(std::string_view text);

}  // namespace tote::transport

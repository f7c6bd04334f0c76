// Base64 and base32 (RFC 4648) as Go reads them, with its errors.
#pragma once

#include <string>
#include <string_view>

namespace tote::go_template {

// Line breaks are passed over. Error{kParse}: "illegal base64 data at input byte 3".
std::string decode_base64(std::string_view text);
std::string encode_base32(std::string_view bytes);
std::string decode_base32(std::string_view text);

}  // namespace tote::go_template

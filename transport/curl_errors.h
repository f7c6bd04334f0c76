// Failures of a transfer in words. For the other curl_*.cc files of this folder only.
#pragma once

#include "base/error.h"
#include "transport/ca_files.h"
#include "transport/curl_handles.h"
#include "transport/http.h"

#include <string>

namespace tote::transport {

// What libcurl says of a transfer that failed: `code`, and more closely `text` if it is not empty.
// May be tried again if it is transient.
Error transfer_error(const Request& request, CURLcode code, const std::string& text,
                     const SystemAuthorities& authorities);

// No answer began in time.
Error slow_answer_error(const Request& request);

// The request may go to nearby addresses only, and this is none.
Error far_address_error(const Request& request, const std::string& address);

}  // namespace tote::transport

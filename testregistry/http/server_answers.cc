#include "testregistry/http/server_answers.h"

#include "base/error.h"
#include "testregistry/http/error_response.h"

#include <system_error>

namespace tote::testregistry {
namespace {

bool is_out_of_space(const std::exception& failure) {
  if (const auto* error = dynamic_cast<const Error*>(&failure)) return error->is_out_of_space();
  const auto* system = dynamic_cast<const std::system_error*>(&failure);
  return system != nullptr && system->code() == std::errc::no_space_on_device;
}

Response again_in_a_second(Response response) {
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

Response malformed_request(int status) {
  return error_response(status, "UNSUPPORTED", "Malformed request");
}

Response malformed_target() {
  return error_response(400, "NAME_INVALID", "Malformed request target");
}

Response too_many_connections() {
  return again_in_a_second(
      error_response(503, "TOOMANYREQUESTS", "The registry has too many connections"));
}

Response too_many_passwords() {
  return again_in_a_second(
      error_response(429, "TOOMANYREQUESTS", "Too many passwords are waiting to be checked"));
}

Response answer_for(const std::exception& failure) {
  // Full disks do not empty themselves: clients repeat a 500 at once, and that not.
  if (is_out_of_space(failure))
    return error_response(507, "DENIED", "The registry has no space left");
  if (const auto* error = dynamic_cast<const Error*>(&failure);
      error != nullptr && error->kind() == ErrorKind::kForbidden)
    return denied(error->message());
  return error_response(500, "UNKNOWN", "The registry failed; its log says why");
}

}  // namespace tote::testregistry

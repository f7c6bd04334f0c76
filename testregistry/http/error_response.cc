#include "testregistry/http/error_response.h"

#include "base/json_writer.h"

namespace tote::testregistry {

Response error_response(int status, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.begin_object().key("errors").begin_array().begin_object();
  json.member("code", code).member("message", message);
  json.end_object().end_array().end_object();
  return {status, {{"Content-Type", "application/json"}}, json.take()};
}

Response unsupported(std::string_view allowed) {
  Response response = error_response(405, "UNSUPPORTED", "The operation is unsupported");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response unauthorized(std::string_view challenge) {
  Response response = error_response(401, "UNAUTHORIZED", "authentication required");
  response.headers.emplace_back("WWW-Authenticate", challenge);
  return response;
}
Response denied(std::string_view why) {
  return error_response(403, "DENIED", why);
}

}  // namespace tote::testregistry

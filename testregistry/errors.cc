#include "testregistry/errors.h"

#include "base/json.h"

#include <fmt/format.h>

namespace tote::testregistry {

Response error_response(int status, std::string_view code, std::string_view message) {
  return {status,
          {{"Content-Type", "application/json"}},
          fmt::format(R"({{"errors":[{{"code":{},"message":{}}}]}})", json_quote(code),
                      json_quote(message))};
}

Response name_unknown() {
  return error_response(404, "NAME_UNKNOWN", "Unknown name");
}
Response name_invalid() {
  return error_response(400, "NAME_INVALID", "Invalid repository name");
}
Response manifest_unknown() {
  return error_response(404, "MANIFEST_UNKNOWN", "Unknown manifest");
}
Response manifest_invalid(std::string_view why) {
  return error_response(400, "MANIFEST_INVALID", why);
}
Response blob_unknown() {
  return error_response(404, "BLOB_UNKNOWN", "Unknown blob");
}
Response upload_unknown() {
  return error_response(404, "BLOB_UPLOAD_UNKNOWN", "Unknown upload session");
}
Response digest_invalid(std::string_view why) {
  return error_response(400, "DIGEST_INVALID", why);
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

#include "testregistry/api/errors.h"

#include "testregistry/http/error_response.h"

namespace tote::testregistry {

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

}  // namespace tote::testregistry

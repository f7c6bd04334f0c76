#include "testregistry/registry_handler.h"

#include "base/error.h"
#include "testregistry/endpoints.h"
#include "testregistry/errors.h"

namespace tote::testregistry {
namespace {

Response base_answer() {
  return {
      200,
      {{"Content-Type", "application/json"}, {"Docker-Distribution-API-Version", "registry/2.0"}},
      "{}"};
}

bool is_read(const RequestHead& head) {
  return head.method == "GET" || head.method == "HEAD";
}

Begun blob_endpoint(const Call& call) {
  if (is_read(call.head)) return get_blob(call);
  if (call.head.method == "DELETE") return delete_blob(call);
  return unsupported();
}

Begun upload_endpoint(const Call& call) {
  if (call.head.method == "PATCH") return append_upload(call);
  if (call.head.method == "PUT") return finish_upload(call);
  if (is_read(call.head)) return upload_status(call);
  if (call.head.method == "DELETE") return cancel_upload(call);
  return unsupported();
}

Begun manifest_endpoint(const Call& call) {
  if (is_read(call.head)) return get_manifest(call);
  if (call.head.method == "PUT") return put_manifest(call);
  if (call.head.method == "DELETE") return delete_manifest(call);
  return unsupported();
}

Begun dispatch(const Call& call) {
  switch (call.route.endpoint) {
    case Endpoint::kNone:
      return error_response(404, "NOT_FOUND", "No such endpoint");
    case Endpoint::kInvalidName:
      return name_invalid();
    case Endpoint::kBase:
      return is_read(call.head) ? base_answer() : unsupported();
    case Endpoint::kBlob:
      return blob_endpoint(call);
    case Endpoint::kUploads:
      return call.head.method == "POST" ? start_upload(call) : Begun(unsupported());
    case Endpoint::kUpload:
      return upload_endpoint(call);
    case Endpoint::kManifest:
      return manifest_endpoint(call);
    case Endpoint::kTags:
      return is_read(call.head) ? list_tags(call) : unsupported();
  }
  return unsupported();
}

}  // namespace

std::optional<Response> RegistryHandler::answer_now(const RequestHead& head) {
  if (!is_read(head)) return std::nullopt;
  const Route route = parse_route(head.path);
  if (route.endpoint != Endpoint::kBase && !storage_.is_quick()) return std::nullopt;
  Begun begun = dispatch({storage_, head, route});
  return std::get<Response>(std::move(begun));
}

Begun RegistryHandler::begin(const RequestHead& head) {
  const Route route = parse_route(head.path);
  return dispatch({storage_, head, route});
}

}  // namespace tote::testregistry

#include "testregistry/api/registry_handler.h"

#include "base/json_quote.h"
#include "testregistry/api/endpoints.h"
#include "testregistry/api/errors.h"
#include "testregistry/http/error_response.h"
#include "testregistry/http/filter.h"
#include "testregistry/values/names.h"

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

std::string_view methods_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kBlob:
      return "GET, HEAD, DELETE";
    case Endpoint::kUploads:
      return "POST";
    case Endpoint::kUpload:
      return "GET, HEAD, PATCH, PUT, DELETE";
    case Endpoint::kManifest:
      return "GET, HEAD, PUT, DELETE";
    default:
      return "GET, HEAD";
  }
}

// What changes something; the methods are those of the specification's table of endpoints.
Begun change(const Call& call) {
  if (!call.writable) return unsupported("GET, HEAD");
  const std::string& method = call.head.method;
  switch (call.route.endpoint) {
    case Endpoint::kBlob:
      if (method == "DELETE") return delete_blob(call);
      break;
    case Endpoint::kUploads:
      if (method == "POST") return start_upload(call);
      break;
    case Endpoint::kUpload:
      if (method == "PATCH") return append_upload(call);
      if (method == "PUT") return finish_upload(call);
      if (method == "DELETE") return cancel_upload(call);
      break;
    case Endpoint::kManifest:
      if (method == "PUT") return put_manifest(call);
      if (method == "DELETE") return delete_manifest(call);
      break;
    default:
      break;
  }
  return unsupported(methods_of(call.route.endpoint));
}

Begun read(const Call& call) {
  switch (call.route.endpoint) {
    case Endpoint::kBase:
      return base_answer();
    case Endpoint::kBlob:
      return get_blob(call);
    case Endpoint::kUpload:
      return call.writable ? upload_status(call) : upload_unknown();
    case Endpoint::kManifest:
      return get_manifest(call);
    case Endpoint::kTags:
      return list_tags(call);
    case Endpoint::kReferrers:
      return list_referrers(call);
    case Endpoint::kCatalog:
      return list_repositories(call);
    default:
      return unsupported(methods_of(call.route.endpoint));
  }
}

// The specification's form: 299, no agent, no date.
void warn(Response& response, const std::string& warning) {
  response.headers.emplace_back("Warning", "299 - " + json_quote(warning));
}

Begun answer(const Call& call) {
  if (call.route.endpoint == Endpoint::kNone)
    return error_response(404, "UNSUPPORTED", "No such endpoint");
  if (call.route.endpoint == Endpoint::kInvalidName) return name_invalid();
  return is_read(call.head) ? read(call) : change(call);
}

Begun dispatch(const Call& call) {
  const std::string& warning = call.options.warning;
  if (warning.empty()) return answer(call);
  return change_answer(answer(call), [&warning](Response& response) { warn(response, warning); });
}

}  // namespace

bool RegistryHandler::is_in_memory(const Route& route, Use use) {
  const std::string& repository = route.repository;
  std::optional<oci::Digest> digest = oci::Digest::try_parse(route.reference);
  switch (route.endpoint) {
    case Endpoint::kBase:
      return true;
    case Endpoint::kBlob:
      return digest && storage_.blobs.is_blob_in_memory(repository, *digest, use);
    case Endpoint::kManifest:
      if (!digest && is_tag_name(route.reference) &&
          storage_.records.is_tag_in_memory(repository, route.reference))
        digest = storage_.records.find_tag(repository, route.reference);
      return digest && storage_.records.is_manifest_in_memory(repository, *digest, use);
    default:
      return false;
  }
}

std::optional<Response> RegistryHandler::answer_now(const RequestHead& head) {
  if (!is_read(head)) return std::nullopt;
  const Route route = parse_route(head.path);
  if (!is_in_memory(route, use_of(head, writable()))) return std::nullopt;
  return std::get<Response>(dispatch({storage_, writable(), options_, head, route}));
}

Begun RegistryHandler::begin(const RequestHead& head) {
  const Route route = parse_route(head.path);
  return dispatch({storage_, writable(), options_, head, route});
}

}  // namespace tote::testregistry

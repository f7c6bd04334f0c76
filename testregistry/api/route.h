// From a request path to what it asks for (OCI distribution specification 1.1, "Endpoints").
#pragma once

#include <string>
#include <string_view>

namespace tote::testregistry {

enum class Endpoint {
  kNone,         // not a path of this API
  kBase,         // /v2/
  kBlob,         // /v2/<name>/blobs/<digest>
  kUploads,      // /v2/<name>/blobs/uploads/
  kUpload,       // /v2/<name>/blobs/uploads/<session>
  kManifest,     // /v2/<name>/manifests/<tag or digest>
  kTags,         // /v2/<name>/tags/list
  kReferrers,    // /v2/<name>/referrers/<digest>
  kCatalog,      // /v2/_catalog
  kInvalidName,  // one of the above with a name that the specification forbids
};

struct Route {
  Endpoint endpoint = Endpoint::kNone;
  std::string repository;  // <name>
  std::string reference;   // <digest>, <session>, <tag or digest>
};

// `path` is percent-decoded and untrusted.
Route parse_route(std::string_view path);

}  // namespace tote::testregistry

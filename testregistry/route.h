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

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*, at most 255 bytes. Such
// a name is also safe as a relative path.
bool is_repository_name(std::string_view name) noexcept;
// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}. Safe as a file name.
bool is_tag_name(std::string_view tag) noexcept;

}  // namespace tote::testregistry

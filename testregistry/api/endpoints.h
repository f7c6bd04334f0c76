// One function per endpoint and method (OCI distribution specification 1.1, "Endpoints"; the
// numbers are the specification's). Internal to testregistry/.
#pragma once

#include "testregistry/api/registry_options.h"
#include "testregistry/api/route.h"
#include "testregistry/http/handler.h"
#include "testregistry/storage/storage.h"

namespace tote::testregistry {

// A request with where it goes; lives as long as its handling.
struct Call {
  StorageReader& storage;
  Storage* writable;  // the same storage; null in a registry that is read only
  const RegistryOptions& options;
  const RequestHead& head;
  const Route& route;
};

Response get_blob(const Call& call);           // end-2; HEAD too: the server leaves the body out
Response get_manifest(const Call& call);       // end-3
Response list_tags(const Call& call);          // end-8a, end-8b
Response list_referrers(const Call& call);     // end-12a, end-12b
Response list_repositories(const Call& call);  // _catalog, as docker-registry has it

// REQUIRES: call.writable
Response delete_blob(const Call& call);      // end-10
Begun start_upload(const Call& call);        // end-4a, end-4b, end-4c, end-11
Begun append_upload(const Call& call);       // end-5
Begun finish_upload(const Call& call);       // end-6
Response upload_status(const Call& call);    // end-13
Response cancel_upload(const Call& call);    // end-14
Begun put_manifest(const Call& call);        // end-7
Response delete_manifest(const Call& call);  // end-9

}  // namespace tote::testregistry

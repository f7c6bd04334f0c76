// One function per endpoint and method (OCI distribution specification 1.1, "Endpoints"; the
// numbers are the specification's). Internal to testregistry/.
#pragma once

#include "testregistry/handler.h"
#include "testregistry/route.h"
#include "testregistry/storage.h"

namespace tote::testregistry {

// A request with where it goes; lives as long as its handling.
struct Call {
  Storage& storage;
  const RequestHead& head;
  const Route& route;
};

Response get_blob(const Call& call);     // end-2; HEAD too: the server leaves the body out
Response delete_blob(const Call& call);  // end-10

Begun start_upload(const Call& call);      // end-4a, end-4b, end-11
Begun append_upload(const Call& call);     // end-5
Begun finish_upload(const Call& call);     // end-6
Response upload_status(const Call& call);  // end-13
Response cancel_upload(const Call& call);  // end-14

Response get_manifest(const Call& call);     // end-3
Begun put_manifest(const Call& call);        // end-7
Response delete_manifest(const Call& call);  // end-9

Response list_tags(const Call& call);  // end-8a, end-8b

}  // namespace tote::testregistry

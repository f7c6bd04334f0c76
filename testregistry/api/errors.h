// What is wrong with requests of this API (OCI distribution specification 1.1, "Error Codes").
#pragma once

#include "testregistry/http/handler.h"

#include <string_view>

namespace tote::testregistry {

Response name_unknown();
Response name_invalid();
Response manifest_unknown();
Response manifest_invalid(std::string_view why);
Response blob_unknown();
Response upload_unknown();
Response digest_invalid(std::string_view why);

}  // namespace tote::testregistry

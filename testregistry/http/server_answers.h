// What the server answers by itself, when no handler can.
#pragma once

#include "testregistry/http/handler.h"

#include <exception>

namespace tote::testregistry {

Response malformed_request(int status);  // 400, 431, 501
Response malformed_target();
Response too_many_connections();
Response too_many_passwords();
// For a request that a handler has failed at: what clients do best about it.
Response answer_for(const std::exception& failure);

}  // namespace tote::testregistry

// One line per request, for people or for programs.
#pragma once

#include "base/log.h"
#include "testregistry/http/server_options.h"

#include <chrono>
#include <string>

namespace tote::testregistry {

// Without a line break; what a client sent can not make a second line of it.
std::string access_log_line(const RequestRecord& record, LogFormat format,
                            std::chrono::system_clock::time_point now);

}  // namespace tote::testregistry

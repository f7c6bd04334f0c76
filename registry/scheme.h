// By which scheme a registry speaks: https, or plain http where that may be.
#pragma once

#include "transport/http.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace tote::registry {

// Whether the host of a registry ("localhost:5000") is one that imgpkg also speaks plain HTTP to:
// this machine, *.local, *.localhost, addresses of RFC 1918.
bool may_use_plain_http(const std::string& registry);

// Asks by one scheme. Throws Error where no registry answers.
using AskByScheme =
    std::function<std::unique_ptr<transport::Reply>(const std::string& scheme, std::stop_token)>;

// The answer to whichever of https and http is answered first; https begins, and http is asked too
// when that fails or takes 300 ms. Where neither is answered the error tells both failures, unless
// one is enough to know and not `names_both`; the wish of a busy registry for patience is kept.
std::unique_ptr<transport::Reply> ask_by_both_schemes(const AskByScheme& ask, bool names_both,
                                                      const std::stop_token& stop);

}  // namespace tote::registry

// The values of the flags of `registry serve`. All throw Error{kUsage}.
#pragma once

#include "testregistry/registry_config.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace tote::cmd {

// "HOST:PORT", "[::1]:PORT", ":PORT" (every address). `flag` is named in the error.
testregistry::ListenAddress parse_listen(const std::string& text, const char* flag);
// "[NAME=]PATH"; a path that exists as it stands has no name in front.
testregistry::PreloadedFile parse_preload(const std::string& text);
// "[NAME=]DIRECTORY"; likewise.
testregistry::LayoutDirectory parse_layout(const std::string& text);
// "PREFIX=SIZE"
testregistry::QuotaLimit parse_quota(const std::string& text);
// "off", "text", "json"
std::optional<LogFormat> parse_access_log(const std::string& text);
// "info", "warning", "error"
LogLevel parse_log_level(const std::string& text);

// Registries are at the root of their host (distribution specification 1.1, "Endpoints"). "" is
// none.
void check_public_url(const std::string& url);
void check_warning(const std::string& text);
// Before anything is pushed: at the end it would be too late to say so. "" is none.
void check_snapshot(const std::filesystem::path& path);

}  // namespace tote::cmd

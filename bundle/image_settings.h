// How an image is to be run: what its config says besides its files (OCI image specification 1.1,
// config.md). Made of what people type.
#pragma once

#include "bundle/created_time.h"
#include "oci/platform.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

struct ImageSettings {
  oci::Platform platform;
  std::string created = kNoTime;
  std::vector<std::string> entrypoint = {};
  std::vector<std::string> cmd = {};
  std::vector<std::string> env = {};  // "KEY=VALUE"
  std::string user = {};
  std::set<std::string> exposed_ports = {};  // "80/tcp"
  std::set<std::string> volumes = {};        // absolute
  std::string working_dir = {};
};

// All throw Error{kUsage} with the reason alone.

// A program and its arguments: each value is one of them as it is, a single value that begins with
// '[' a JSON array of them all. The program has a name.
std::vector<std::string> parse_entrypoint(const std::vector<std::string>& values);
// The same; arguments may be empty.
std::vector<std::string> parse_cmd(const std::vector<std::string>& values);
// "KEY=VALUE", each key once.
std::vector<std::string> parse_env(const std::vector<std::string>& values);
// "USER" or "USER:GROUP", names or numbers.
std::string parse_user(const std::string& text);
// "PORT" or "PORT/PROTOCOL"; tcp, udp or sctp, tcp if it does not say.
std::set<std::string> parse_ports(const std::vector<std::string>& values);
// Absolute paths in the image.
std::set<std::string> parse_volumes(const std::vector<std::string>& values);
std::string parse_working_dir(const std::string& text);

}  // namespace tote::bundle

// The machines that an image is for (OCI image specification 1.1: config.md, and "platform" in
// image-index.md).
#pragma once

#include "base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

// In Go's words: "linux", "amd64". What is empty is not said.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant = {};     // of the architecture: "v7"
  std::string os_version = {};  // Windows has images for each
  std::vector<std::string> os_features = {};

  // Whether it says for which machines.
  bool is_known() const { return !os.empty() && !architecture.empty(); }
  // "linux/arm/v7", with the version of the system behind it if there is one.
  std::string name() const;

  friend bool operator==(const Platform&, const Platform&) = default;
};

// "os/architecture" or "os/architecture/variant". Error{kUsage} for one that Go has not.
Platform parse_platform(std::string_view text);
// Linux on the machine that this program is built for.
Platform host_platform();

// A config and a descriptor's "platform" have the same members. Error{kParse}.
Platform decode_platform(const Json& json);
// Error{kParse} for names with characters that names do not have.
void check_platform(const Platform& platform);
// Both.
Platform read_platform(const Json& json);
// As a descriptor has it, in Go's order.
std::string encode_platform(const Platform& platform);

}  // namespace tote::oci

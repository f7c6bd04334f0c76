// Choosing among the images of an index by the machines that they are for, as containerd does it
// (containerd/platforms: Only(), and its normalisation).
#pragma once

#include "oci/manifest.h"
#include "oci/platform.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

// As two names of one platform are one: "linux/arm64/v8" is "linux/arm64", "linux/arm" is
// "linux/arm/v7".
Platform normalized(Platform platform);

// Whether they are one, whatever versions of their systems.
bool is_same_machine(const Platform& a, const Platform& b);

// What runs on such a machine, the best first: "linux/arm/v7" takes v7, v6 and v5;
// "linux/arm64/v8.2" takes v8.2, v8.1, v8 and what arm takes; "linux/amd64/v3" takes v3, v2, none
// and 386.
std::vector<Platform> runs_on(const Platform& machine);

// Which platforms are wanted. Immutable.
class PlatformChoice {
 public:
  PlatformChoice() = default;  // all
  explicit PlatformChoice(std::vector<Platform> wanted) : wanted_(std::move(wanted)) {}
  // "linux/amd64,linux/arm64". Error{kUsage} as of parse_platform(), also for a name twice.
  static PlatformChoice parse(const std::vector<std::string>& names);

  bool is_all() const noexcept { return wanted_.empty(); }
  const std::vector<Platform>& wanted() const noexcept { return wanted_; }
  // "linux/amd64,linux/arm64"; empty: all.
  std::string name() const;

  // For each child of `index`, in their order, whether it is chosen: of each wanted platform the
  // best there is, and others that are as good (versions of Windows); what does not say its
  // platform, which may be for any; and attestations of BuildKit's ("unknown/unknown") with the
  // image that they are about.
  std::vector<bool> of(const Manifest& index) const;
  // The wanted ones that no child is for. What does not say its platform may be for any.
  std::vector<Platform> missing_in(const Manifest& index) const;

 private:
  std::vector<Platform> wanted_;
};

// "linux/amd64, linux/arm/v7": those that an index says it has; "none" if it says nothing.
std::string list_platforms(const Manifest& index);

}  // namespace tote::oci

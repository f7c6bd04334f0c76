// registries.conf, as podman, skopeo and CRI-O read it (containers-registries.conf(5), version 2):
// where images are read from in place of where they are named.
#pragma once

#include "oci/reference.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

enum class MirrorServes { kAll, kDigests, kTags };

struct Mirror {
  std::string location;  // "mirror.example:5000/path"
  bool is_insecure = false;
  MirrorServes serves = MirrorServes::kAll;
};

// What is said of the names that begin so.
struct RegistryRule {
  // "h.example", "h.example:5000/path/image", "*.example"
  std::string prefix;
  std::string location = {};  // in place of the prefix; empty: as it is
  bool is_insecure = false;   // plain HTTP may be tried; no password is sent over it
  bool is_blocked = false;
  std::vector<Mirror> mirrors = {};  // in the order in which they are tried
  std::string where = {};            // "FILE, line 3"

  // How much of "h.example/path/image" it is for; 0: not for it.
  std::size_t matched(std::string_view name) const;
};

// One of the places that images of a repository are read from.
struct PullPlace {
  oci::Repository repository;
  bool is_insecure = false;
  MirrorServes serves = MirrorServes::kAll;
  bool is_mirror = false;  // the last place is none
};

class RegistriesConf {
 public:
  // Keys that are not known are passed over: later versions of the format have more of them.
  // Error{kParse} for version 1, for values of the wrong kind, and for rules that contradict
  // themselves.
  static RegistriesConf parse(std::string_view text, std::string_view origin);

  // What was read later stands above: a rule for the same prefix takes the place of the one there.
  void add(const RegistriesConf& later);
  // A mirror in front of those that rules have, for all of a registry ("h.example:5000"), or for
  // what begins so. Error{kUsage} for what is no location.
  void add_mirror(const std::string& prefix, const std::string& location);

  // Those that another one has got so.
  void add_mirrors(const RegistriesConf& other);

  bool empty() const noexcept { return rules_.empty() && given_.empty(); }
  // Where it is read from, in order; the last one is no mirror. Error{kUsage} if it is blocked.
  std::vector<PullPlace> places_of(const oci::Repository& repository) const;

 private:
  std::vector<RegistryRule> rules_;
  std::vector<RegistryRule> given_;  // by add_mirror()
};

}  // namespace tote::registry

// A new package made of an upstream, or of a directory in one.
#pragma once

#include "bundle/event.h"
#include "bundle/layer_unpacker.h"
#include "bundle/place.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "bundle/working_copy/upstream_file.h"
#include "registry/client.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tote::bundle::working_copy {

// An image, or a directory in one, as an argument: "oci://" has to stand in front, since a path
// could be meant. Error{kUsage}, Error{kParse}.
RegistryPlace parse_upstream(std::string_view text);

// Where a package goes if nobody says it: the last name of its path.
std::string directory_name(const RegistryPlace& place);

// The version that a place names: its tag where it has one, also beside a digest.
oci::Reference version_of(const RegistryPlace& place);

struct GetRequest {
  RegistryPlace place;
  std::filesystem::path directory;
  std::filesystem::path home = {};  // is not to be lost
  Strategy strategy = Strategy::kMerge;
  SignaturePolicy policy = {};
  Observer observer = {};
};

struct Got {
  oci::Digest digest;
  LeftOut left_out;
  std::uint64_t left_out_of_git = 0;  // what git would obey
};

// Error{kUsage} if the directory is there. Without an error it is there as a whole, with the record
// of its upstream; else it is not.
Got get(const GetRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle::working_copy

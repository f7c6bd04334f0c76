#include "bundle/hints_source.h"

#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/discover/hints.h"
#include "oci/media_types.h"
#include "oci/verify.h"
#include "transport/url.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr std::string_view kOci = "oci://";
constexpr const char* kFile = "hints.yml";

std::string read_artifact(const std::string& name, registry::Client& client,
                          const std::stop_token& stop) {
  const oci::Reference reference = oci::Reference::parse(name);
  oci::ImageReader& repository = client.source(reference.repository);
  const oci::ManifestPtr manifest = repository.fetch_manifest(reference.identifier(), stop);
  if (manifest->layers().size() != 1)
    throw Error(ErrorKind::kParse,
                fmt::format("expected one layer, got {}", manifest->layers().size()));
  const oci::Descriptor& layer = manifest->layers().front();
  if (oci::is_layer(layer.media_type)) {
    copy::ManifestCache cache(
        [&](const oci::Repository& other) -> oci::ImageReader& { return client.source(other); });
    return read_file_in_image(*manifest, reference.repository, cache, kFile, "image of hints",
                              stop);
  }
  if (layer.size > discover::kMaxHintsSize)
    throw Error(ErrorKind::kParse,
                fmt::format("it has {} bytes, more than {}", layer.size, discover::kMaxHintsSize));
  return oci::read_verified(repository.open_blob(layer, 0, stop), layer);
}

// Without a password.
std::string shown(const std::string& name) {
  return name.starts_with(kOci) ? name : transport::redact_url(name);
}

}  // namespace

bool is_elsewhere(const std::string& name) {
  return name.starts_with("https://") || name.starts_with("http://") || name.starts_with(kOci);
}

SearchedText fetch_hints(const std::string& name, registry::Client& client,
                         const Session& session) {
  return while_doing(
      [&] { return fmt::format("Fetching hints '{}'", shown(name)); },
      [&]() -> SearchedText {
        if (name.starts_with(kOci))
          return {read_artifact(name.substr(kOci.size()), client, session.stop), name};
        return {client.web().fetch(name, discover::kMaxHintsSize, registry::LogIn::kIfAsked,
                                   session.stop),
                shown(name)};
      });
}

}  // namespace tote::bundle

#include "bundle/push.h"

#include "bundle/build_image.h"
#include "bundle/bundle_image.h"
#include "bundle/transfer.h"

#include <memory>
#include <utility>

namespace tote::bundle {
namespace {

// Images to be run, and those in files, are meant for all tools; a bundle is the same everywhere.
ImageFormat format_of(const PushRequest& request) {
  if (request.compression != LayerCompression::kGzip || !request.annotations.empty())
    return ImageFormat::kOci;
  const bool is_for_all = request.settings || request.target.is_file();
  return is_for_all && !request.as_bundle ? ImageFormat::kOci : ImageFormat::kDocker;
}

// A bundle with all that it names.
void deliver_to_file(std::shared_ptr<oci::Artifact> image, const PushRequest& request,
                     const Session& session) {
  const PushTarget& target = request.target;
  const TransferSource source = FromMade{target.name, std::move(image), request.as_bundle};
  TransferTarget to = LayoutTarget{target.layout};
  if (!target.archive.empty())
    to = ArchiveTarget{.path = target.archive, .compression = target.compression};
  TransferOptions options;
  options.observer = request.observer;
  transfer(source, to, options, *target.client, session);
}

}  // namespace

oci::Digest push(const PushRequest& request, const Session& session) {
  request.as_bundle ? check_is_bundle(request.files) : check_is_no_bundle(request.files);
  std::vector<PushFile> files = collect_files(request.files, request.exclusions);
  apply_owner_rules(request.owners, files);
  for (const PushFile& file : files)
    tell(request.observer, FileTaken{file.name, file.is_directory});
  Labels labels = request.labels;
  if (request.as_bundle) labels[kBundleLabel] = "true";
  const std::shared_ptr<oci::Artifact> image = build_image(
      pack_layer(files, request.permissions, session.stop, request.temporary, request.compression),
      labels, format_of(request), request.settings, request.annotations);
  if (request.target.is_file()) {
    deliver_to_file(image, request, session);
    return image->digest();
  }
  const oci::Reference& name = request.target.name;
  Cargo cargo = cargo_of(*image, name.repository, {name.tag});
  cargo.observer = request.observer;
  deliver(cargo, request.target, session);
  return image->digest();
}

}  // namespace tote::bundle

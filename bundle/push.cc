#include "bundle/push.h"

#include "bundle/build_image.h"
#include "bundle/bundle_image.h"

#include <memory>

namespace tote::bundle {
namespace {

// Images to be run, and those in layouts, are meant for all tools.
ImageFormat format_of(const PushRequest& request) {
  const bool is_for_all = request.settings || !request.target.layout.empty();
  return is_for_all ? ImageFormat::kOci : ImageFormat::kDocker;
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
  const std::unique_ptr<oci::Artifact> image =
      build_image(pack_layer(files, request.permissions, session.stop, request.temporary), labels,
                  format_of(request), request.settings);
  const oci::Reference& name = request.target.name;
  Cargo cargo = cargo_of(*image, name.repository, {name.tag});
  cargo.observer = request.observer;
  deliver(cargo, request.target, session);
  return image->digest();
}

}  // namespace tote::bundle

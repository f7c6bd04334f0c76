#include "bundle/push.h"

#include "bundle/bundle_image.h"

namespace tote::bundle {
namespace {

// Images to be run, and those in layouts, are meant for all tools.
ImageFormat format_of(const PushRequest& request) {
  const bool is_for_all = request.settings || !request.target.layout.empty();
  return is_for_all ? ImageFormat::kOci : ImageFormat::kDocker;
}

// What is made here is nowhere else to be mounted from.
PushLoad load_of(BuiltImage& image) {
  return {.root = image.fetch_manifest(image.digest().str(), {}),
          .from = [&image](const oci::Repository&) -> oci::ImageReader& { return image; },
          .may_mount = [](const oci::Descriptor&) { return false; }};
}

}  // namespace

void push_image(BuiltImage& image, const oci::Repository& repository,
                const std::vector<std::string>& tags, registry::Client& client, ThreadPool& pool,
                std::stop_token stop) {
  PushLoad load = load_of(image);
  for (const std::string& tag : tags) {
    oci::Contents contents = image.contents(repository, tag);
    if (load.plan.contents.images.empty())
      load.plan.contents = std::move(contents);
    else
      load.plan.contents.images.push_back(contents.images.front());
  }
  write_image(load, client.repository(repository), pool, std::move(stop));
}

oci::Digest push(const PushRequest& request, ThreadPool& pool, std::stop_token stop) {
  request.as_bundle ? check_is_bundle(request.files) : check_is_no_bundle(request.files);
  std::vector<PushFile> files = collect_files(request.files, request.exclusions);
  apply_owner_rules(request.owners, files);
  if (request.on_file)
    for (const PushFile& file : files) request.on_file(file);
  Labels labels = request.labels;
  if (request.as_bundle) labels[kBundleLabel] = "true";
  BuiltImage image(pack_layer(files, request.permissions, stop), labels, format_of(request),
                   request.settings);
  const oci::Reference& name = request.target.name;
  PushLoad load = load_of(image);
  load.plan.contents = image.contents(name.repository, name.tag);
  deliver(load, request.target, pool, std::move(stop));
  return image.digest();
}

}  // namespace tote::bundle

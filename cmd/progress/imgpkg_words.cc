#include "cmd/progress/imgpkg_words.h"

#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "base/go_duration.h"
#include "base/text.h"

#include <fmt/format.h>

#include <type_traits>

namespace tote::cmd {
namespace {

constexpr const char* kNothingRestricted =
    "Warning: '--include-non-distributable-layers' flag provided, but no images contained a "
    "non-distributable layer.\n";
constexpr const char* kSkipped =
    "Warning: Skipped the followings layer(s) due to it being non-distributable. If you would "
    "like to include non-distributable layers, use the --include-non-distributable-layers flag\n";

std::string done(const std::string& file, std::chrono::nanoseconds took) {
  return fmt::format("done: file '{}' ({})\n", file, format_go_duration(took));
}

std::string text(const bundle::ImagesSelected& event) {
  return event.from_archive ? "" : fmt::format("exporting {} images...\n", event.images);
}

std::string text(const bundle::CopyToRepositoryBegun& event) {
  return fmt::format("importing {} images...\n", event.images);
}

std::string text(const bundle::LayersReused& event) {
  return fmt::format("Going to reuse {} layers from the tar already in disk\n", event.layers);
}

std::string text(const bundle::LayersBegun&) {
  return "writing layers...\n";
}

std::string text(const bundle::TaggingBegun&) {
  return "Tagging images\n";
}

std::string text(const bundle::RestrictedLayers& event) {
  if (event.were_carried) return event.images.empty() ? kNothingRestricted : "";
  if (event.images.empty()) return {};
  std::string text = kSkipped;
  for (const copy::RestrictedImage& image : event.images) {
    const oci::Repository& where =
        event.destination == nullptr ? image.repository : *event.destination;
    text += fmt::format(" - Image: {}\n   Layers:\n", oci::digest_reference(where, image.manifest));
    for (const oci::Digest& layer : image.layers) text += fmt::format("     - {}\n", layer.str());
  }
  return text;
}

std::string indent(int depth) {
  return std::string(2 * static_cast<std::size_t>(depth), ' ');
}

std::string text(const bundle::PullBegun& event) {
  return fmt::format("Pulling {} '{}'\n", event.what, event.reference);
}

std::string text(const bundle::LayerExtracted& event) {
  return fmt::format("{}Extracting layer '{}' ({}/{})\n", indent(event.depth), event.layer.str(),
                     event.number, event.count);
}

std::string text(const bundle::NestedBundlesBegun&) {
  return "\nNested bundles\n";
}

std::string text(const bundle::NestedBundleBegun& event) {
  return fmt::format("{}Pulling nested bundle '{}'\n", indent(event.depth), event.reference);
}

std::string text(const bundle::NestedBundleSkipped& event) {
  return fmt::format("{0}Pulling nested bundle '{1}'\n{0}Skipped, already downloaded\n",
                     indent(event.depth), event.reference);
}

std::string text(const bundle::FileTaken& event) {
  return fmt::format("{}: {}\n", event.is_directory ? "dir" : "file", event.name);
}

std::string text(const bundle::LockLookedAt&) {
  return "\nLocating image lock file images...\n";
}

std::string text(const bundle::LockFinished& event) {
  if (!event.is_relocated)
    return "One or more images not found in bundle repo; skipping lock file update\n";
  return fmt::format(
      "The bundle repo ({}) is hosting every image specified in the bundle's Images Lock file "
      "(.imgpkg/images.yml)\n",
      event.repository.name());
}

std::string text(const bundle::ImagePlanned& event) {
  return event.from_archive ? "" : fmt::format("will export {}\n", event.image.reference());
}

std::string text(const bundle::CopyPlanned& event) {
  return event.from_archive
             ? ""
             : fmt::format("exported {} images\n", event.plan.contents.images.size());
}

// Of the others imgpkg says nothing.
template <class Other>
std::string text(const Other&) {
  return {};
}

}  // namespace

std::string ImgpkgWords::text(const bundle::ArchiveBegun& event) {
  archive_ = event.format;
  const bool is_oci = event.format == archive::ArchiveFormat::kOci;
  return done(is_oci ? archive::kIndexJson : archive::kManifestJson, event.took);
}

std::string ImgpkgWords::text(const copy::BlobFinished& event) const {
  if (!archive_ || event.blob.kind != copy::BlobKind::kLayer) return {};
  const oci::Digest& digest = event.blob.blob.digest;
  const bool is_oci = *archive_ == archive::ArchiveFormat::kOci;
  return done(is_oci ? archive::blob_path(digest) : archive::layer_entry_name(digest), event.took);
}

std::string ImgpkgWords::text_of(const bundle::Event& event) {
  return std::visit(
      [this](const auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, bundle::ArchiveBegun> ||
                      std::is_same_v<What, copy::BlobFinished>)
          return text(what);
        else
          return cmd::text(what);
      },
      event);
}

std::string ImgpkgWords::of(const bundle::Event& event) {
  std::string text = text_of(event);
  if (text.empty() || prefix_.empty()) return text;
  std::string out;
  std::vector<std::string> lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) out += fmt::format("{}{}\n", prefix_, line);
  return out;
}

}  // namespace tote::cmd

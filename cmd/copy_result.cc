#include "cmd/copy_result.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

// At a repository the reference says where it went, at a file where it came from.
std::string one_image(const oci::Reference& image, const std::string& to) {
  const std::string name = image.name();
  return name.starts_with(to + "@") ? fmt::format("Copied to '{}'", name)
                                    : fmt::format("Copied '{}' to '{}'", name, to);
}

// Each returns the line for people and writes the members of the object for programs but the last.

std::string tell(const bundle::BundleLock& lock, const std::string& to, JsonWriter& json) {
  json.member("bundle", lock.bundle.name()).member("digest", lock.bundle.digest->str());
  json.member_unless_empty("tag", lock.tag);
  return one_image(lock.bundle, to);
}

std::string tell(const bundle::ImagesLock& lock, const std::string& to, JsonWriter& json) {
  const bundle::LockedImage* only = lock.images.size() == 1 ? &lock.images.front() : nullptr;
  if (only != nullptr)
    json.member("image", only->reference.name()).member("digest", only->digest().str());
  json.key("images").begin_array();
  for (const bundle::LockedImage& image : lock.images) json.value(image.reference.name());
  json.end_array();
  return only != nullptr ? one_image(only->reference, to)
                         : fmt::format("Copied {} images to '{}'", lock.images.size(), to);
}

std::string tell(const bundle::NoRootBundle&, const std::string& to, JsonWriter&) {
  return fmt::format("Copied to '{}'", to);
}

void tell(const bundle::RestrictedLayers& event, Ui& ui) {
  if (ui.is_imgpkg()) return;
  if (event.were_carried) {
    if (event.images.empty())
      ui.notice(
          "no image has a non-distributable layer: --include-non-distributable-layers did "
          "nothing");
    return;
  }
  if (event.images.empty()) return;
  std::string text =
      "non-distributable layers stay behind; --include-non-distributable-layers takes them along:";
  for (const copy::RestrictedImage& image : event.images)
    for (const oci::Digest& layer : image.layers)
      text += fmt::format("\n{} of {}", layer.str(),
                          oci::digest_reference(image.repository, image.manifest));
  ui.notice(text);
}

void tell(const bundle::PlatformsMissing& event, Ui& ui) {
  const bundle::MissingPlatforms& missing = event.what;
  ui.notice(fmt::format("index '{}' has no image for {}", missing.index.str(),
                        oci::PlatformChoice(missing.platforms).name()));
}

void tell(const bundle::AttachedLeftBehind& event, Ui& ui) {
  const bundle::LeftBehind& left = event.what;
  const auto counted = [](std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  ui.notice(fmt::format("{} of {} {} behind: --include-referrers takes all along",
                        counted(left.attachments, "attachment"), counted(left.images, "image"),
                        left.attachments == 1 ? "stays" : "stay"));
}

std::string layers_text(std::size_t layers) {
  return fmt::format("{} {}", layers, layers == 1 ? "layer" : "layers");
}

void tell(const bundle::LayersLeftOut& event, Ui& ui) {
  if (event.layers > 0 || event.rebuilt == 0)
    ui.notice(fmt::format("left out of the archive, since the far side has it: {} in {}",
                          bytes_text(event.bytes), layers_text(event.layers)));
  if (event.rebuilt > 0)
    ui.notice(fmt::format("to be made again of earlier layers: {} in {}, by patches of {}",
                          bytes_text(event.rebuilt_bytes), layers_text(event.rebuilt),
                          bytes_text(event.patch_bytes)));
  if (event.whole > 0)
    ui.notice(
        fmt::format("carried whole: {} of which there is an earlier version, since other "
                    "programs have compressed them or they have little in common",
                    layers_text(event.whole)));
}

template <class Other>
void tell(const Other&, Ui&) {}

}  // namespace

void PlacedNames::add(const bundle::Event& event) {
  const auto* placed = std::get_if<bundle::ImagePlaced>(&event);
  if (placed != nullptr) images_.push_back(placed->image);
}

void PlacedNames::show(Ui& ui, JsonWriter& json) {
  if (images_.empty()) return;
  std::sort(images_.begin(), images_.end(),
            [](const auto& a, const auto& b) { return a.name.name() < b.name.name(); });
  json.key("placed").begin_array();
  for (const bundle::PlacedImage& image : images_) {
    ui.own_result(fmt::format("'{}' is '{}' too", image.original, image.name.name()));
    json.begin_object()
        .member("image", image.original)
        .member("to", image.name.name())
        .member("digest", image.digest.str())
        .end_object();
  }
  json.end_array();
}

void show_copy_result(const bundle::TransferResult& result, const std::string& to,
                      PlacedNames& placed, Ui& ui) {
  JsonWriter json;
  json.begin_object();
  ui.own_result(std::visit([&](const auto& lock) { return tell(lock, to, json); }, result));
  placed.show(ui, json);
  ui.data(json.member("to", to).end_object().take());
}

void show_arrivals(const std::vector<bundle::Arrival>& arrivals, Ui& ui) {
  JsonWriter json;
  json.begin_object().key("copies").begin_array();
  std::string failed;
  std::size_t failures = 0;
  for (const bundle::Arrival& arrival : arrivals) {
    const std::string to = arrival.target.name.name();
    json.begin_object();
    if (arrival.result) {
      ui.own_result(
          std::visit([&](const auto& lock) { return tell(lock, to, json); }, *arrival.result));
    } else {
      failed +=
          fmt::format("{}to '{}': {}", failures++ == 0 ? "" : "; ", to, arrival.failure->message());
      json.member("error", arrival.failure->message());
    }
    json.member("to", to).end_object();
  }
  ui.data(json.end_array().end_object().take());
  if (failures > 0)
    throw Error(arrivals.front().failure ? arrivals.front().failure->kind() : ErrorKind::kRegistry,
                fmt::format("Copying failed {}", failed));
}

void tell_of_what_stays(const bundle::Event& event, Ui& ui) {
  std::visit([&](const auto& what) { tell(what, ui); }, event);
}

}  // namespace tote::cmd

#include "cmd/copy_result.h"

#include "base/json_writer.h"

#include <fmt/format.h>

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

}  // namespace

void show_copy_result(const bundle::TransferResult& result, const std::string& to, Ui& ui) {
  JsonWriter json;
  json.begin_object();
  ui.own_result(std::visit([&](const auto& lock) { return tell(lock, to, json); }, result));
  ui.data(json.member("to", to).end_object().take());
}

void tell_of_restricted_layers(const bundle::RestrictedLayers& event, Ui& ui) {
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

}  // namespace tote::cmd

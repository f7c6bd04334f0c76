#include "cmd/copy_result.h"

#include "base/json.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

struct Words {
  std::string line;     // for people
  std::string members;  // of the JSON object, without "to"
};

std::string member(std::string_view name, const std::string& value) {
  return fmt::format("{}:{},", json_quote(name), json_quote(value));
}

// At a repository the reference says where it went, at a file where it came from.
std::string one_image(const oci::Reference& image, const std::string& to) {
  const std::string name = image.name();
  return name.starts_with(to + "@") ? fmt::format("Copied to '{}'", name)
                                    : fmt::format("Copied '{}' to '{}'", name, to);
}

Words words_for(const bundle::BundleLock& lock, const std::string& to) {
  return {one_image(lock.bundle, to), member("bundle", lock.bundle.name()) +
                                          member("digest", lock.bundle.digest->str()) +
                                          (lock.tag.empty() ? "" : member("tag", lock.tag))};
}

Words words_for(const bundle::ImagesLock& lock, const std::string& to) {
  std::string images;
  for (const bundle::LockedImage& image : lock.images)
    images += (images.empty() ? "" : ",") + json_quote(image.reference.name());
  Words words{fmt::format("Copied {} images to '{}'", lock.images.size(), to),
              fmt::format("\"images\":[{}],", images)};
  if (lock.images.size() != 1) return words;
  const bundle::LockedImage& only = lock.images.front();
  return {one_image(only.reference, to), member("image", only.reference.name()) +
                                             member("digest", only.digest().str()) + words.members};
}

Words words_for(const bundle::NoRootBundle&, const std::string& to) {
  return {fmt::format("Copied to '{}'", to), ""};
}

}  // namespace

void show_copy_result(const bundle::TransferResult& result, const std::string& to, Ui& ui) {
  const Words words = std::visit([&](const auto& lock) { return words_for(lock, to); }, result);
  ui.own_result(words.line);
  ui.data(fmt::format("{{{}{}:{}}}", words.members, json_quote("to"), json_quote(to)));
}

}  // namespace tote::cmd

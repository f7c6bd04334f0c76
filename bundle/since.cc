#include "bundle/since.h"

#include "base/error.h"
#include "base/file.h"
#include "bundle/copy_source.h"
#include "bundle/file_kind.h"
#include "bundle/inventory.h"

#include <fmt/format.h>

#include <utility>

namespace tote::bundle {
namespace {

PlaceContents read_lock(const std::string& path, registry::Client& client, const Session& session) {
  const TransferSource lock = read_any_lock(path);
  CopySource source(lock, nullptr, client, session);
  return read_images(source.select(session).images, source.cache(), client, session);
}

// A tag that only names a digest leads to what another tag leads to as well.
bool is_of_people(const std::string& tag) {
  return tag.find("sha256-") == std::string::npos && tag.find("sha512-") == std::string::npos;
}

void add(const Inventory& inventory, FarSide& far) {
  for (const auto& [digest, size] : inventory.blobs) far.blobs.insert(digest);
}

// An inventory is only a list; to read what is in it there has to be another place that has it.
void add_from_source(const Inventory& inventory, const oci::Repository& source,
                     registry::Client& client, const Session& session, FarSide& far) {
  std::set<oci::Digest> images;
  for (const auto& [tag, digest] : inventory.tags)
    if (is_of_people(tag)) images.insert(digest);
  for (const oci::Digest& image : images) try {
      PlaceContents place =
          read_place(RegistryPlace{.repository = source, .digest = image}, client, session);
      place.has_layer = [there = inventory.blobs](const oci::Digest& layer) {
        return there.contains(layer);
      };
      far.places.push_back(std::move(place));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
    }
}

void add(PlaceContents place, FarSide& far) {
  add(list_contents(place), far);
  far.places.push_back(std::move(place));
}

}  // namespace

FarSide look_at_far_side(const std::vector<std::string>& places,
                         const std::optional<oci::Repository>& source, registry::Client& client,
                         const Session& session) {
  FarSide far;
  for (const std::string& place : places)
    while_doing([&] { return fmt::format("Finding out what '{}' has", place); },
                [&] {
                  switch (file_kind(place)) {
                    case FileKind::kInventory: {
                      const auto inventory = Inventory::load(place);
                      add(inventory, far);
                      if (source) add_from_source(inventory, *source, client, session, far);
                      return;
                    }
                    case FileKind::kLock:
                      return add(read_lock(place, client, session), far);
                    case FileKind::kPlace:
                      return add(read_place(parse_place(place), client, session), far);
                  }
                });
  return far;
}

}  // namespace tote::bundle

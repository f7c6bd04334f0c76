#include "bundle/since.h"

#include "base/error.h"
#include "base/file.h"
#include "bundle/copy_source.h"
#include "bundle/file_kind.h"
#include "bundle/inventory.h"
#include "copy/plan.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

void add(const Inventory& inventory, std::set<oci::Digest>& blobs) {
  for (const auto& [digest, size] : inventory.blobs) blobs.insert(digest);
}

void add_lock(const std::string& path, registry::Client& client, const Session& session,
              std::set<oci::Digest>& blobs) {
  const TransferSource lock = read_any_lock(path);
  CopySource source(lock, client, session);
  const copy::Plan plan = copy::plan_copy(source.select(session).images, source.cache(),
                                          {.non_distributable = copy::NonDistributable::kInclude},
                                          session.pool, session.stop);
  for (const oci::CarriedLayer& layer : plan.contents.layers) blobs.insert(layer.blob.digest);
}

}  // namespace

std::set<oci::Digest> blobs_since(const std::vector<std::string>& places, registry::Client& client,
                                  const Session& session) {
  std::set<oci::Digest> blobs;
  for (const std::string& place : places)
    while_doing([&] { return fmt::format("Finding out what '{}' has", place); },
                [&] {
                  switch (file_kind(place)) {
                    case FileKind::kInventory:
                      return add(Inventory::parse(read_file(place, kMaxInventory)), blobs);
                    case FileKind::kLock:
                      return add_lock(place, client, session, blobs);
                    case FileKind::kPlace:
                      return add(take_inventory(parse_place(place), client, session), blobs);
                  }
                });
  return blobs;
}

}  // namespace tote::bundle

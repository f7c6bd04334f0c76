#include "bundle/since.h"

#include "base/codec/decompressor.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bundle/copy_source.h"
#include "bundle/inventory.h"
#include "copy/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::bundle {
namespace {

enum class Kind { kInventory, kLock, kPlace };

// How what it holds begins, if it is compressed too.
std::string beginning_of(const std::filesystem::path& path) {
  const FilePtr file = open_for_reading(path);
  std::array<std::byte, 512> begin{};
  std::size_t size = file->read_at(begin, 0);
  if (is_gzip_or_zstd(std::span(begin).first(size))) {
    RangeSource bytes(file, 0, file->size());
    DecompressedSource content(bytes);
    size = read_full(content, begin);
  }
  return std::string(as_text(std::span(begin).first(size)));
}

// Inventories and locks are text; archives and volumes are not.
Kind kind_of(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return Kind::kPlace;
  const std::string text = beginning_of(path);
  const bool is_text = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r';
  });
  if (!is_text) return Kind::kPlace;
  return trim(text).starts_with('{') ? Kind::kInventory : Kind::kLock;
}

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
                  switch (kind_of(place)) {
                    case Kind::kInventory:
                      return add(Inventory::load(place), blobs);
                    case Kind::kLock:
                      return add_lock(place, client, session, blobs);
                    case Kind::kPlace:
                      return add(take_inventory(parse_place(place), client, session), blobs);
                  }
                });
  return blobs;
}

}  // namespace tote::bundle

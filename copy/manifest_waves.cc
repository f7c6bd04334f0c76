#include "copy/manifest_waves.h"

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace tote::copy {
namespace {

// What waits for what, by position.
struct Order {
  std::vector<std::size_t> waits_for;  // how many
  std::vector<std::vector<std::size_t>> awaited_by;
};

Order order_of(const std::vector<ManifestWork>& manifests) {
  std::unordered_map<oci::Digest, std::size_t> position;
  for (std::size_t i = 0; i < manifests.size(); ++i)
    position.emplace(manifests[i].manifest->digest(), i);
  Order order{std::vector<std::size_t>(manifests.size()),
              std::vector<std::vector<std::size_t>>(manifests.size())};
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const auto wait_for = [&](const oci::Descriptor& named) {
      const auto found = position.find(named.digest);
      if (found == position.end()) return;
      ++order.waits_for[i];
      order.awaited_by[found->second].push_back(i);
    };
    for (const oci::Descriptor& child : manifests[i].manifest->children()) wait_for(child);
    if (manifests[i].manifest->subject()) wait_for(*manifests[i].manifest->subject());
  }
  return order;
}

}  // namespace

std::vector<std::vector<const ManifestWork*>> in_waves(const std::vector<ManifestWork>& manifests) {
  Order order = order_of(manifests);
  std::vector<std::size_t> now;
  for (std::size_t i = 0; i < manifests.size(); ++i)
    if (order.waits_for[i] == 0) now.push_back(i);
  std::vector<std::vector<const ManifestWork*>> waves;
  while (!now.empty()) {
    std::vector<std::size_t> next;
    waves.emplace_back();
    for (const std::size_t i : now) {
      waves.back().push_back(&manifests[i]);
      for (const std::size_t waiting : order.awaited_by[i])
        if (--order.waits_for[waiting] == 0) next.push_back(waiting);
    }
    now = std::move(next);
  }
  return waves;
}

}  // namespace tote::copy

#include "base/disk.h"

#include <atomic>
#include <utility>

namespace tote {
namespace {

std::atomic<const DiskFaults::Decide*> faults{nullptr};

}  // namespace

DiskFaults::DiskFaults(Decide decide) : decide_(std::move(decide)) {
  faults.store(&decide_, std::memory_order_release);
}

DiskFaults::~DiskFaults() {
  faults.store(nullptr, std::memory_order_release);
}

int DiskFaults::at(DiskStep step, std::string_view name) {
  const Decide* decide = faults.load(std::memory_order_acquire);
  return decide == nullptr ? 0 : (*decide)(step, name);
}

}  // namespace tote

#include "testregistry/storage/directory/late_release.h"

#include <fcntl.h>

namespace tote::testregistry {
namespace {

constexpr std::size_t kThreads = 8;
// Together below the descriptors that a process may have.
constexpr std::size_t kBatch = 16;
constexpr std::size_t kMaxBatches = 16;

}  // namespace

LateRelease::LateRelease() : pool_(kThreads), releasing_(pool_, {}) {}

void LateRelease::hold(const std::string& path) {
  if (UniqueFd fd{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)})
    held_.push_back(std::move(fd));
}

void LateRelease::let_go() {
  if (held_.size() < kBatch) return;
  if (++batches_ == kMaxBatches) {
    releasing_.wait();
    batches_ = 0;
  }
  auto batch = std::make_shared<std::vector<UniqueFd>>(std::exchange(held_, {}));
  releasing_.run([batch](const std::stop_token&) { batch->clear(); });
}

}  // namespace tote::testregistry

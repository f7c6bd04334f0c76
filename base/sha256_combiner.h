// Where threads meet that hash, each a message of its own, on a machine without SHA instructions:
// one of them advances the messages of all who wait, in the lanes of its vector registers, until
// its own piece is done, and hands the rest on to one of those.
#pragma once

#include "base/mutex.h"
#include "base/sha256_lanes.h"

#include <vector>

namespace tote {

struct Sha256Ways {
  Sha256Kernel kernel;
  // One message, as OpenSSL does it.
  void (*alone)(Sha256State& state, const std::byte* data, std::size_t blocks) noexcept;
  std::size_t cores;
};

// Thread-safe. Has no threads of its own, and lets none wait for company: a thread waits only while
// others do its work, for about as long as its piece takes in a lane.
class Sha256Combiner {
 public:
  explicit Sha256Combiner(const Sha256Ways& ways);

  // Advances the state by `blocks` blocks of 64 bytes.
  void advance(Sha256State& state, const std::byte* data, std::size_t blocks);

  // How many threads are in advance() and are hashed for or hash, without those for whom there was
  // no lane.
  std::size_t present() const;

 private:
  struct Job;
  class Lanes;

  std::size_t wanted_runners() const TOTE_REQUIRES(mutex_);
  void run(Lock& lock, Job& own) TOTE_REQUIRES(mutex_);
  void fill(Lanes& lanes) TOTE_REQUIRES(mutex_);
  void advance_all(const Lanes& lanes) const;
  void dismiss_done(Lanes& lanes) TOTE_REQUIRES(mutex_);
  void stop_running(Lanes& lanes) TOTE_REQUIRES(mutex_);

  const Sha256Ways ways_;
  const std::size_t few_;   // as many hash by themselves, since there are cores for them
  const std::size_t most_;  // for more there are no lanes
  mutable Mutex mutex_;
  std::size_t present_ TOTE_GUARDED_BY(mutex_) = 0;
  std::size_t runners_ TOTE_GUARDED_BY(mutex_) = 0;  // threads that hash
  std::vector<Job*> waiting_ TOTE_GUARDED_BY(mutex_);  // for a runner; only while there is one
};

}  // namespace tote

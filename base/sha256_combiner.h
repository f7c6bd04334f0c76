// Where messages meet that are hashed at the same time, each by a thread of its own, on a machine
// without SHA instructions. Their bytes wait in memory for a while; the thread whose message has
// had enough of them advances all messages of which there are some, in the lanes of its vector
// registers. So nobody waits for anybody's company, and whoever reads or writes meanwhile, or
// has no processor, gives company all the same.
#pragma once

#include "base/mutex.h"
#include "base/sha256_lanes.h"
#include "base/stream.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tote {

struct Sha256Ways {
  Sha256Kernel kernel;
  // One message, as OpenSSL does it.
  void (*alone)(Sha256State& state, const std::byte* data, std::size_t blocks) noexcept;
  std::size_t cores;
};

// Thread-safe. Has no threads of its own. It holds at most kMostMembers * kCapacity bytes.
class Sha256Combiner {
 public:
  static constexpr std::size_t kMostMembers = 32;
  static constexpr std::size_t kCapacity = 512U << 10U;  // bytes of a message that wait
  static constexpr std::size_t kStep = 16U << 10U;  // by so many bytes messages advance together

  explicit Sha256Combiner(const Sha256Ways& ways);

  // A message that is long enough to be counted. For one thread, and it has to drain() or leave()
  // before it goes. Its state is any thread's from the first put() until then.
  class Member {
   public:
    explicit Member(Sha256State& state);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member();
    bool is_in() const noexcept { return is_in_; }
    bool has_put() const noexcept { return ring_ != nullptr; }

   private:
    friend class Sha256Combiner;
    struct Ring;

    std::size_t waiting() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    std::byte* at(std::uint64_t offset) const noexcept;

    Sha256State* state_;
    bool is_in_ = false;
    std::unique_ptr<Ring> ring_;
    // Guarded by the combiner's mutex, as what follows; in bytes of what was put.
    std::uint64_t begin_ = 0;  // what is before is hashed; a multiple of kStep
    std::uint64_t end_ = 0;
    bool is_taken_ = false;    // a thread advances it
    bool is_awaited_ = false;  // by the thread whose message it is
  };

  // The kernel's lanes; 1 if so many messages do better alone.
  std::size_t useful_lanes() const noexcept;

  // False: there are too many, or the machine has so many cores that each does better alone; then
  // the message is hashed without the combiner, now.
  bool has_company_for(Member& member);
  // Takes the bytes, and hashes as much as has to be now.
  // REQUIRES: has_company_for(member) was true once
  void put(Member& member, ConstBytes data);
  // Hashes what was put but for a block that is not whole, which it returns: valid as long as the
  // member. Then the member is not in any more.
  ConstBytes drain(Member& member);
  // What was put is dropped.
  void leave(Member& member);

 private:
  class Lanes;

  std::size_t most_runners() const TOTE_REQUIRES(mutex_);
  bool may_run(const Member& own) const TOTE_REQUIRES(mutex_);
  template <class Ready>
  void wait(Lock& lock, Member& own, Ready ready) TOTE_REQUIRES(mutex_);
  void run(Lock& lock, Member& own, std::size_t goal) TOTE_REQUIRES(mutex_);
  Lanes take(Member& own) TOTE_REQUIRES(mutex_);
  void advance(const Lanes& lanes) const;
  static void give_back(const Lanes& lanes, std::uint64_t advanced);
  void remove(Lock& lock, Member& member) TOTE_REQUIRES(mutex_);

  const Sha256Ways ways_;
  const std::size_t few_;  // as many do better alone
  Mutex mutex_;
  std::vector<Member*> members_ TOTE_GUARDED_BY(mutex_);
  std::size_t runners_ TOTE_GUARDED_BY(mutex_) = 0;  // threads that advance messages
};

}  // namespace tote

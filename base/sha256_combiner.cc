#include "base/sha256_combiner.h"

#include <algorithm>
#include <array>

namespace tote {
namespace {

// With so many bytes a message has waited long enough; what there is room for besides lets
// others be late.
constexpr std::size_t kEnough = Sha256Combiner::kCapacity / 2;

// Hashing is about half of a copy's work where OpenSSL does it: half of the cores have time for it.
std::size_t most_that_do_better_alone(const Sha256Ways& ways) {
  const double by_half_of_the_cores = ways.kernel.slowness * static_cast<double>(ways.cores) / 2;
  return std::max(ways.kernel.worth - 1, static_cast<std::size_t>(by_half_of_the_cores));
}

}  // namespace

// Those that one thread advances together; the first is its own.
class Sha256Combiner::Lanes {
 public:
  Member* const* begin() const { return members_.data(); }
  Member* const* end() const { return members_.data() + size_; }
  std::size_t size() const { return size_; }
  void add(Member& member) {
    member.is_taken_ = true;
    members_[size_++] = &member;
  }

 private:
  std::array<Member*, kMostSha256Lanes> members_{};
  std::size_t size_ = 0;
};

struct Sha256Combiner::Member::Ring {
  Condition changed;
  std::array<std::byte, kCapacity> bytes;
};

Sha256Combiner::Member::Member(Sha256State& state) : state_(&state) {}
Sha256Combiner::Member::~Member() = default;

std::byte* Sha256Combiner::Member::at(std::uint64_t offset) const noexcept {
  return &ring_->bytes[offset % kCapacity];
}

Sha256Combiner::Sha256Combiner(const Sha256Ways& ways)
    : ways_(ways), few_(most_that_do_better_alone(ways)) {
  members_.reserve(kMostMembers);  // so that nothing fails later
}

std::size_t Sha256Combiner::useful_lanes() const noexcept {
  return ways_.kernel.lanes > few_ ? ways_.kernel.lanes : 1;
}

bool Sha256Combiner::has_company_for(Member& member) {
  const Lock lock(mutex_);
  if (!member.is_in_) {
    if (members_.size() == kMostMembers) return false;
    members_.push_back(&member);
    member.is_in_ = true;
  }
  return members_.size() > few_;
}

void Sha256Combiner::put(Member& member, ConstBytes data) {
  if (!member.ring_) member.ring_ = std::make_unique_for_overwrite<Member::Ring>();
  Lock lock(mutex_);
  while (!data.empty()) {
    const std::size_t at = member.end_ % kCapacity;
    const std::size_t n = std::min({data.size(), kCapacity - member.waiting(), kCapacity - at});
    lock.unlock();
    std::copy_n(data.begin(), n, member.at(at));
    data = data.subspan(n);
    lock.lock();
    member.end_ += n;
    if (member.waiting() > kEnough && may_run(member)) run(lock, member, kEnough);
    if (!data.empty())
      wait(lock, member,
           [&]() TOTE_REQUIRES(mutex_) { return member.waiting() < kCapacity || may_run(member); });
  }
}

ConstBytes Sha256Combiner::drain(Member& member) {
  Lock lock(mutex_);
  wait(lock, member, [&] { return !member.is_taken_; });
  run(lock, member, 0);
  remove(lock, member);
  lock.unlock();
  const std::byte* rest = member.at(member.begin_);  // less than a step, so in one piece
  const std::size_t blocks = member.waiting() / kSha256Block;
  if (blocks != 0) ways_.alone(*member.state_, rest, blocks);
  return {rest + blocks * kSha256Block, member.waiting() % kSha256Block};
}

void Sha256Combiner::leave(Member& member) {
  Lock lock(mutex_);
  remove(lock, member);
}

// Whoever has taken it is about to give it back.
void Sha256Combiner::remove(Lock& lock, Member& member) {
  wait(lock, member, [&] { return !member.is_taken_; });
  std::erase(members_, &member);
  member.is_in_ = false;
}

// Only for what another thread does that is at work.
template <class Ready>
void Sha256Combiner::wait(Lock& lock, Member& own, Ready ready) {
  if (ready()) return;
  own.is_awaited_ = true;
  own.ring_->changed.wait(lock, ready);
  own.is_awaited_ = false;
}

// No more than there are lanes to fill: two who share the others would both have few.
std::size_t Sha256Combiner::most_runners() const {
  return (members_.size() + ways_.kernel.lanes - 1) / ways_.kernel.lanes;
}

bool Sha256Combiner::may_run(const Member& own) const {
  return !own.is_taken_ && runners_ < most_runners();
}

// Until less than a step waits, or no more than `goal` bytes and there is little company.
// The analysis does not know that `lock` is of the mutex.
void Sha256Combiner::run(Lock& lock, Member& own, std::size_t goal) TOTE_NO_THREAD_SAFETY_ANALYSIS {
  ++runners_;
  while (own.waiting() >= kStep) {
    const Lanes lanes = take(own);
    if (own.waiting() <= goal && lanes.size() < ways_.kernel.lanes / 2) {
      give_back(lanes, 0);
      break;
    }
    lock.unlock();
    advance(lanes);
    lock.lock();
    give_back(lanes, kStep);
  }
  --runners_;
  for (const Member* member : members_)  // who now may run
    if (member->is_awaited_) member->ring_->changed.notify_one();
}

// Of the others those of which the most waits.
Sha256Combiner::Lanes Sha256Combiner::take(Member& own) {
  std::array<Member*, kMostMembers> others{};
  const auto end = std::copy_if(members_.begin(), members_.end(), others.begin(), [&](Member* one) {
    return one != &own && !one->is_taken_ && one->waiting() >= kStep;
  });
  std::sort(others.begin(), end,
            [](const Member* a, const Member* b) { return a->waiting() > b->waiting(); });
  Lanes lanes;
  lanes.add(own);
  const auto found = static_cast<std::size_t>(end - others.begin());
  if (found + 1 < ways_.kernel.worth) return lanes;
  for (std::size_t i = 0; i < std::min(found, ways_.kernel.lanes - 1); ++i) lanes.add(*others[i]);
  return lanes;
}

void Sha256Combiner::give_back(const Lanes& lanes, std::uint64_t advanced) {
  for (Member* member : lanes) {
    member->begin_ += advanced;
    member->is_taken_ = false;
    if (member->is_awaited_) member->ring_->changed.notify_one();
  }
}

void Sha256Combiner::advance(const Lanes& lanes) const {
  constexpr std::size_t kBlocks = kStep / kSha256Block;
  std::array<Sha256Lane, kMostSha256Lanes> all{};
  std::transform(lanes.begin(), lanes.end(), all.begin(), [](const Member* member) {
    return Sha256Lane{member->state_, member->at(member->begin_)};
  });
  if (lanes.size() == 1)
    ways_.alone(*all[0].state, all[0].data, kBlocks);
  else
    ways_.kernel.run(std::span(all).first(lanes.size()), kBlocks);
}

}  // namespace tote

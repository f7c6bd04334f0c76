#include "base/sha256_combiner.h"

#include "base/sha256_openssl.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kLanes = 4;
constexpr std::size_t kMany = 4'000;  // blocks: several turns

// Sees what the combiner does, and can hold it up. A state's first word counts its blocks.
struct Watched {
  std::function<void()> on_alone = [] {};
  std::function<void(std::size_t lanes)> on_lanes = [](std::size_t) {};
  std::atomic<std::size_t> alone = 0;  // calls
  std::atomic<std::size_t> lanes = 0;  // calls
};
Watched* watched = nullptr;

void count_alone(Sha256State& state, const std::byte*, std::size_t blocks) noexcept {
  state[0] += static_cast<std::uint32_t>(blocks);
  ++watched->alone;
  watched->on_alone();
}

void count_lanes(std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept {
  for (const Sha256Lane& lane : lanes) (*lane.state)[0] += static_cast<std::uint32_t>(blocks);
  ++watched->lanes;
  watched->on_lanes(lanes.size());
}

class Sha256CombinerTest : public testing::Test {
 protected:
  Sha256CombinerTest() { watched = &watched_; }

  // On two cores one thread is few, two are not.
  static Sha256Ways ways(std::size_t cores = 2) {
    return {.kernel = {.name = "counting",
                       .lanes = kLanes,
                       .worth = 2,
                       .crowd = 2,
                       .run = count_lanes},
            .alone = count_alone,
            .cores = cores};
  }

  // The first of them stay where they are until so many threads are in advance().
  void hold_until_present(std::size_t number) {
    const auto hold = [this, number] {
      while (!all_there_ && combiner_.present() < number) std::this_thread::yield();
      all_there_ = true;
    };
    watched_.on_alone = hold;
    watched_.on_lanes = [hold](std::size_t) { hold(); };
  }

  void advance(std::size_t blocks) {
    Sha256State state{};
    std::vector<std::byte> data(blocks * kSha256Block);
    combiner_.advance(state, data.data(), blocks);
    EXPECT_EQ(state[0], blocks);
  }
  std::jthread start(std::size_t blocks) {
    return std::jthread([this, blocks] { advance(blocks); });
  }

  Watched watched_;
  Sha256Combiner combiner_{ways()};
  std::atomic<bool> all_there_ = false;
};

TEST_F(Sha256CombinerTest, LetsAThreadThatIsAloneHashAtOnce) {
  advance(kMany);
  EXPECT_GT(watched_.alone, 1U);
  EXPECT_EQ(watched_.lanes, 0U);
  EXPECT_EQ(combiner_.present(), 0U);
}

TEST_F(Sha256CombinerTest, AdvancesAllWhoMeetInOneThread) {
  hold_until_present(kLanes);
  std::atomic<std::size_t> most = 0;
  std::mutex mutex;
  std::set<std::thread::id> first_runners;
  watched_.on_lanes = [&](std::size_t lanes) {
    if (most.exchange(std::max(most.load(), lanes)) == 0) {
      const std::lock_guard lock(mutex);
      first_runners.insert(std::this_thread::get_id());
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kLanes; ++i) threads.push_back(start(kMany + i));
  threads.clear();
  EXPECT_EQ(most, kLanes);
  EXPECT_EQ(first_runners.size(), 1U);
  EXPECT_EQ(combiner_.present(), 0U);
}

// The long one goes no further until the short one is done.
TEST_F(Sha256CombinerTest, LetsAShortPieceNotWaitForLongOnes) {
  std::latch short_is_done(1);
  std::atomic<int> turns = 0;
  const auto hold = [&] {
    if (++turns == 10) short_is_done.wait();
  };
  std::latch long_has_begun(1);
  watched_.on_alone = [&] {
    if (turns == 0) {
      long_has_begun.count_down();
      while (combiner_.present() < 2) std::this_thread::yield();
    }
    hold();
  };
  watched_.on_lanes = [&](std::size_t) { hold(); };
  const std::jthread longer = start(20 * kMany);
  long_has_begun.wait();
  advance(1);
  short_is_done.count_down();
}

// Each waits in its lanes for the other.
TEST_F(Sha256CombinerTest, HasTwoThreadsWithLanesWhereOneHasNotEnough) {
  hold_until_present(2 * kLanes);
  std::latch both(2);
  std::mutex mutex;
  std::set<std::thread::id> runners;
  watched_.on_lanes = [&](std::size_t) {
    bool is_first = false;
    {
      const std::lock_guard lock(mutex);
      is_first = runners.size() < 2 && runners.insert(std::this_thread::get_id()).second;
    }
    if (is_first) both.arrive_and_wait();
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < 2 * kLanes; ++i) threads.push_back(start(kMany));
  threads.clear();
  EXPECT_EQ(combiner_.present(), 0U);
}

TEST_F(Sha256CombinerTest, LetsThoseForWhomThereIsNoLaneHashAlone) {
  const std::size_t all = 2 * kLanes;
  std::latch done(1);
  thread_local bool is_late = false;
  const auto hold = [&] {
    if (!is_late) done.wait();
  };
  watched_.on_alone = hold;
  watched_.on_lanes = [&](std::size_t) { hold(); };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < all; ++i) threads.push_back(start(kMany));
  while (combiner_.present() < all) std::this_thread::yield();
  is_late = true;
  advance(kMany);
  EXPECT_EQ(combiner_.present(), all);
  done.count_down();
}

TEST_F(Sha256CombinerTest, LeavesWhatIsNotDoneToThoseWhoWait) {
  for (int round = 0; round < 50; ++round) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 3 * kLanes; ++i) threads.push_back(start(1 + i * i * 60));
  }
  EXPECT_EQ(combiner_.present(), 0U);
}

}  // namespace
}  // namespace tote

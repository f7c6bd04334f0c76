#include "base/sha256_combiner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kLanes = 4;
constexpr std::size_t kStep = Sha256Combiner::kStep;
constexpr std::size_t kEnough = Sha256Combiner::kCapacity / 2;

// Sees what the combiner does, and can hold it up. A state's first word counts its blocks.
struct Watched {
  std::function<void(std::size_t lanes)> on_lanes = [](std::size_t) {};
  std::atomic<std::size_t> alone = 0;       // calls
  std::atomic<std::size_t> together = 0;    // calls
  std::atomic<std::size_t> most_lanes = 0;  // in one call
};
Watched* watched = nullptr;

void count_alone(Sha256State& state, const std::byte*, std::size_t blocks) noexcept {
  state[0] += static_cast<std::uint32_t>(blocks);
  ++watched->alone;
}

void count_lanes(std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept {
  for (const Sha256Lane& lane : lanes) (*lane.state)[0] += static_cast<std::uint32_t>(blocks);
  ++watched->together;
  watched->most_lanes = std::max(watched->most_lanes.load(), lanes.size());
  watched->on_lanes(lanes.size());
}

Sha256Ways ways(std::size_t worth, double slowness, std::size_t cores) {
  return {.kernel = {.name = "counting",
                     .lanes = kLanes,
                     .worth = worth,
                     .slowness = slowness,
                     .run = count_lanes},
          .alone = count_alone,
          .cores = cores};
}

struct Message {
  std::size_t blocks() const { return state[0]; }

  Sha256State state{};
  Sha256Combiner::Member member{state};
};

class Sha256CombinerTest : public testing::Test {
 protected:
  Sha256CombinerTest() { watched = &watched_; }
  void TearDown() override {
    for (const auto& message : messages_)
      if (message->member.is_in()) combiner_.leave(message->member);
  }

  // All in company of each other.
  std::vector<Message*> meet(std::size_t number) {
    std::vector<Message*> met;
    for (std::size_t i = 0; i < number; ++i) {
      messages_.push_back(std::make_unique<Message>());
      combiner_.has_company_for(messages_.back()->member);
      met.push_back(messages_.back().get());
    }
    return met;
  }
  void put(Message& message, std::size_t bytes) {
    combiner_.put(message.member, std::vector<std::byte>(bytes));
  }

  Watched watched_;
  Sha256Combiner combiner_{ways(2, 1, 2)};
  std::vector<std::unique_ptr<Message>> messages_;
};

struct Company {
  std::size_t worth;
  double slowness;
  std::size_t cores;
  std::size_t from;  // so many on
};

TEST(Sha256CombinerCompany, IsThereWhenTheLanesDoMoreThanHalfOfTheCores) {
  for (const Company& row : {Company{2, 1.5, 1, 2}, Company{2, 1.5, 2, 2}, Company{2, 1.5, 4, 4},
                             Company{2, 1.5, 16, 13}, Company{4, 3, 1, 4}, Company{4, 3, 2, 4},
                             Company{4, 3, 4, 7}, Company{4, 3, 16, 25}, Company{4, 3, 128, 33}}) {
    Sha256Combiner combiner(ways(row.worth, row.slowness, row.cores));
    std::vector<Message> messages(Sha256Combiner::kMostMembers);
    std::size_t alone = 0;
    for (Message& message : messages) alone += combiner.has_company_for(message.member) ? 0U : 1U;
    EXPECT_EQ(alone + 1, row.from) << row.cores << " cores, " << row.slowness;
    EXPECT_EQ(combiner.useful_lanes(), row.from <= kLanes ? kLanes : 1);
    for (Message& message : messages) combiner.leave(message.member);
  }
}

TEST_F(Sha256CombinerTest, HasNoCompanyForOneWhoseCompanyHasLeft) {
  const auto met = meet(2);
  EXPECT_TRUE(combiner_.has_company_for(met[0]->member));
  combiner_.leave(met[1]->member);
  EXPECT_FALSE(combiner_.has_company_for(met[0]->member));
}

TEST_F(Sha256CombinerTest, TakesNoMoreThanTheMost) {
  meet(Sha256Combiner::kMostMembers);
  Message late;
  EXPECT_FALSE(combiner_.has_company_for(late.member));
  EXPECT_FALSE(late.member.is_in());
  combiner_.leave(messages_[0]->member);
  EXPECT_TRUE(combiner_.has_company_for(late.member));
  combiner_.leave(late.member);
}

TEST_F(Sha256CombinerTest, HashesNothingBeforeThereIsEnough) {
  const auto met = meet(2);
  put(*met[0], kEnough);
  put(*met[1], kEnough);
  EXPECT_EQ(watched_.alone + watched_.together, 0U);
}

TEST_F(Sha256CombinerTest, AdvancesAllOfWhichSomethingWaits) {
  const auto met = meet(4);
  put(*met[0], kStep);
  put(*met[1], kStep - 1);  // not enough for a step
  put(*met[2], 3 * kStep);
  put(*met[3], kEnough + 1);
  EXPECT_EQ(watched_.most_lanes, 3U);
  EXPECT_EQ(met[0]->blocks(), kStep / kSha256Block);
  EXPECT_EQ(met[1]->blocks(), 0U);
  EXPECT_GE(met[2]->blocks(), kStep / kSha256Block);
  EXPECT_GE(met[3]->blocks(), kStep / kSha256Block);
}

TEST_F(Sha256CombinerTest, FillsItsLanesWithThoseOfWhichTheMostWaits) {
  const auto met = meet(6);
  for (std::size_t i = 0; i < 5; ++i) put(*met[i], (1 + i) * kStep);
  std::vector<bool> first;
  watched_.on_lanes = [&](std::size_t) {
    if (!first.empty()) return;
    for (const Message* message : met) first.push_back(message->blocks() != 0);
  };
  put(*met[5], kEnough + 1);
  EXPECT_EQ(first, (std::vector<bool>{false, false, true, true, true, true}));
  EXPECT_EQ(watched_.most_lanes, kLanes);
}

TEST_F(Sha256CombinerTest, WaitsForNobodyOfWhomNothingComes) {
  const auto met = meet(3);
  put(*met[0], 3 * Sha256Combiner::kCapacity);
  EXPECT_GT(watched_.alone, 0U);
  EXPECT_EQ(watched_.together, 0U);
}

TEST_F(Sha256CombinerTest, GoesOnWhileThereIsMuchCompany) {
  const auto met = meet(kLanes);
  for (std::size_t i = 1; i < kLanes; ++i) put(*met[i], kEnough);
  put(*met[0], kEnough + 1);
  for (const Message* message : met) EXPECT_EQ(message->blocks(), kEnough / kSha256Block);
  EXPECT_EQ(watched_.alone, 0U);
}

TEST_F(Sha256CombinerTest, DrainsAllButABlockThatIsNotWhole) {
  const auto met = meet(2);
  put(*met[1], 2 * kStep);
  const std::vector<std::byte> bytes(2 * kStep + 3 * kSha256Block + 7, std::byte{'x'});
  combiner_.put(met[0]->member, bytes);
  const ConstBytes rest = combiner_.drain(met[0]->member);
  EXPECT_EQ(std::vector(rest.begin(), rest.end()), std::vector(7, std::byte{'x'}));
  EXPECT_EQ(met[0]->blocks(), bytes.size() / kSha256Block);
  EXPECT_FALSE(met[0]->member.is_in());
  EXPECT_EQ(met[1]->blocks(), 2 * kStep / kSha256Block);
}

// Here the thread that advances it puts more itself: it would wait for ever.
TEST_F(Sha256CombinerTest, LetsThoseThatAreAdvancedPutMeanwhile) {
  const auto met = meet(2);
  put(*met[0], kEnough);
  std::size_t times = 0;
  watched_.on_lanes = [&](std::size_t) {
    if (times++ == 0) put(*met[0], kEnough);
  };
  put(*met[1], kEnough + 1);
  EXPECT_GT(times, 0U);
}

// Each waits in its lanes for the other.
TEST_F(Sha256CombinerTest, HasTwoThreadsWithLanesWhereOneHasNotEnough) {
  const auto met = meet(2 * kLanes);
  for (Message* message : met) put(*message, kEnough);
  std::latch both(2);
  thread_local bool has_met = false;
  watched_.on_lanes = [&](std::size_t) {
    if (!std::exchange(has_met, true)) both.arrive_and_wait();
  };
  // Of each half one thread can not have taken all.
  const auto put_in_half = [&](std::size_t first) {
    for (std::size_t i = first; i < met.size(); i += 2) put(*met[i], 1);
  };
  std::jthread other([&] { put_in_half(0); });
  put_in_half(1);
  other.join();
  EXPECT_EQ(watched_.most_lanes, kLanes);
}

TEST_F(Sha256CombinerTest, KeepsWhoLeavesUntilItIsGivenBack) {
  const auto met = meet(2);
  put(*met[0], kStep);
  std::atomic<bool> has_left = false;
  std::jthread leaves;
  watched_.on_lanes = [&](std::size_t) {
    std::latch begins(1);
    leaves = std::jthread([&] {
      begins.count_down();
      combiner_.leave(met[0]->member);
      has_left = true;
    });
    begins.wait();
    for (int i = 0; i < 50; ++i) std::this_thread::yield();  // time to leave, if it could
    EXPECT_FALSE(has_left);
  };
  put(*met[1], kEnough + 1);
  leaves.join();
  EXPECT_TRUE(has_left);
}

TEST_F(Sha256CombinerTest, HashesAllThatManyThreadsPut) {
  const auto met = meet(3 * kLanes);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < met.size(); ++i)
    threads.emplace_back([&, i] {
      for (std::size_t put_so_far = 0; put_so_far < 400; ++put_so_far)
        put(*met[i], (1 + i) * 4 * kSha256Block);
      combiner_.drain(met[i]->member);
    });
  threads.clear();
  for (std::size_t i = 0; i < met.size(); ++i) EXPECT_EQ(met[i]->blocks(), 400 * (1 + i) * 4);
}

}  // namespace
}  // namespace tote

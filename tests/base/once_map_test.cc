#include "base/once_map.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tote {
namespace {

TEST(OnceMap, MakesAValueOnceForAllWhoWantIt) {
  OnceMap<std::string, int> map;
  std::atomic<int> made = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { EXPECT_EQ(map.get("key", {}, [&] { return ++made; }), 1); });
  threads.clear();
  EXPECT_EQ(made, 1);
}

TEST(OnceMap, LetsNobodyWaitForAnotherKey) {
  OnceMap<std::string, int> map;
  std::latch both(2);
  const auto make = [&] {
    both.arrive_and_wait();
    return 1;
  };
  std::jthread other([&] { map.get("a", {}, make); });
  EXPECT_EQ(map.get("b", {}, make), 1);
}

TEST(OnceMap, LetsTheNextTryWhereOneFailed) {
  OnceMap<std::string, int> map;
  EXPECT_THROW(map.get("key", {}, []() -> int { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(map.get("key", {}, [] { return 2; }), 2);
}

TEST(OnceMap, MakesAnewWhatIsNotGoodAnyMore) {
  OnceMap<std::string, int> map;
  const auto never = [](int) { return false; };
  EXPECT_EQ(map.get(
                "key", {}, [] { return 1; }, never),
            1);
  EXPECT_EQ(map.get(
                "key", {}, [] { return 2; }, never),
            2);
  EXPECT_FALSE(map.forget_if("key", [](int value) { return value == 1; }));
  EXPECT_TRUE(map.forget_if("key", [](int value) { return value == 2; }));
  EXPECT_FALSE(map.forget_if("other", [](int) { return true; }));
  EXPECT_EQ(map.get("key", {}, [] { return 3; }), 3);
}

TEST(OnceMap, StopsWaitingWhenToldTo) {
  OnceMap<std::string, int> map;
  std::latch begun(1);
  std::latch may_end(1);
  std::jthread maker([&] {
    map.get("key", {}, [&] {
      begun.count_down();
      may_end.wait();
      return 1;
    });
  });
  begun.wait();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(map.get("key", stop.get_token(), [] { return 2; }), Cancelled);
  may_end.count_down();
}

TEST(OnceValue, IsMadeAgainOnlyAfterAFailure) {
  OnceValue<std::string> value;
  EXPECT_THROW(value.get({}, []() -> std::string { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(value.get({}, [] { return "first"; }), "first");
  EXPECT_EQ(value.get({}, [] { return "second"; }), "first");
}

}  // namespace
}  // namespace tote

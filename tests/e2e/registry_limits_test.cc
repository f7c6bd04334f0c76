// Registries that take only so many requests: a copy finds out how many, without being told.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace tote {
namespace {

namespace tr = testregistry;

constexpr int kImages = 60;

// What it answered, in order.
class Answers {
 public:
  void add(int status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
  }
  std::vector<int> get() const {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<int> statuses_;  // guarded by mutex_
};

// An index of many images, each with a layer.
class LimitedRegistry {
 public:
  explicit LimitedRegistry(std::vector<tr::Fault> faults)
      : registry_({.faults = std::move(faults), .in_front = [this](tr::Handler& inner) {
                     auto made = std::make_unique<test::Interceptor>(inner);
                     made->change([this](const tr::RequestHead&, tr::Response& response) {
                       answers_.add(response.status);
                     });
                     return made;
                   }}) {
    registry_.start();
    std::vector<std::pair<oci::Digest, std::string>> children;
    for (int i = 0; i < kImages; ++i) {
      test::ImageOptions options;
      options.architecture = fmt::format("arch{}", i);
      children.emplace_back(test::put_image(registry_.storage(), "src/app",
                                            {fmt::format("layer {}", i)}, {}, options),
                            options.architecture);
    }
    test::put_index(registry_.storage(), "src/app", children, "v1");
  }

  std::string image() const { return registry_.ready().address + "/src/app:v1"; }
  std::vector<int> answers() const { return answers_.get(); }

 private:
  Answers answers_;
  tr::Registry registry_;  // last: stopped before what it writes to goes
};

struct Limit {
  const char* name;
  std::vector<tr::Fault> faults;
};

class RegistryLimits : public testing::TestWithParam<Limit> {};

// It has settled by the time half of the requests are answered.
TEST_P(RegistryLimits, AreFoundOutAndKeptWithoutAFailedCopy) {
  LimitedRegistry registry(GetParam().faults);
  const test::TempDir dir;
  EXPECT_DONE(test::tote({"copy", "-i", registry.image(), "--to-tar", "app.tar"},
                         {.directory = dir.path()}));
  const std::vector<int> all = registry.answers();
  const auto is_refused = [](int status) { return status == 429 || status == 503; };
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), is_refused)) << "nothing was tried";
  const auto settled = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  const auto refused = std::count_if(settled, all.end(), is_refused);
  EXPECT_LE(static_cast<double>(refused), 0.05 * static_cast<double>(all.end() - settled));
}

tr::Fault slow() {
  tr::Fault fault;
  fault.mishap.delay = std::chrono::milliseconds(30);
  return fault;
}

INSTANTIATE_TEST_SUITE_P(
    All, RegistryLimits,
    testing::Values(Limit{"OfRequestsInASecond",
                          {{.limit = 20, .status = 429, .retry_after = "1"}}},
                    Limit{"OfRequestsInASecondWithoutAWord", {{.limit = 20, .status = 429}}},
                    Limit{"OfRequestsAtATime", {{.concurrent = 8, .status = 503}, slow()}}),
    [](const auto& limit) { return limit.param.name; });

}  // namespace
}  // namespace tote

#include "base/pipeline.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace tote {
namespace {

TEST(Pipeline, FinishesJobsInTheirOrder) {
  std::vector<int> finished;
  Pipeline<int> pipeline([&](int job) { finished.push_back(job); });
  for (int i = 0; i < 1000; ++i) {
    pipeline.next() = i;
    pipeline.submit();
  }
  pipeline.drain();
  std::vector<int> wanted(1000);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(finished, wanted);
}

TEST(Pipeline, ThrowsWhatAJobThrewAndStaysBroken) {
  Pipeline<int> pipeline([](int job) {
    if (job == 3) throw Error(ErrorKind::kIo, "three");
  });
  const auto use = [&] {
    for (int i = 0; i < 100; ++i) {
      pipeline.next() = i;
      pipeline.submit();
    }
    pipeline.drain();
  };
  EXPECT_THROW(use(), Error);
  EXPECT_THROW(use(), Error);
  EXPECT_THROW(pipeline.drain(), Error);
}

TEST(Pipeline, FinishesSomeOfTheFirstJobsIfItGoesEarly) {
  for (int round = 0; round < 100; ++round) {
    std::vector<int> finished;
    {
      Pipeline<int> pipeline([&](int job) { finished.push_back(job); });
      for (int i = 0; i < 4; ++i) {
        pipeline.next() = i;
        pipeline.submit();
      }
    }
    ASSERT_LE(finished.size(), 4U);
    for (std::size_t i = 0; i < finished.size(); ++i) ASSERT_EQ(finished[i], static_cast<int>(i));
  }
}

}  // namespace
}  // namespace tote

#include "base/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tote {
namespace {

TEST(Environment, HoldsWhatItWasMadeOf) {
  const Environment environment{{"A", "1"}, {"EMPTY", ""}};
  EXPECT_EQ(environment.get("A"), "1");
  EXPECT_EQ(environment.get("EMPTY"), "");
  EXPECT_EQ(environment.get("NONE"), "");
  EXPECT_EQ(environment.lines(), (std::vector<std::string>{"A=1", "EMPTY="}));
  EXPECT_TRUE(Environment().variables().empty());
}

TEST(Environment, OfTheProcessIsAsItWasWhenItWasAskedFor) {
  ::setenv("TOTE_ENVIRONMENT_TEST", "a=b", 1);
  const Environment environment = Environment::of_process();
  ::unsetenv("TOTE_ENVIRONMENT_TEST");
  EXPECT_EQ(environment.get("TOTE_ENVIRONMENT_TEST"), "a=b");
  EXPECT_EQ(Environment::of_process().get("TOTE_ENVIRONMENT_TEST"), "");
}

}  // namespace
}  // namespace tote

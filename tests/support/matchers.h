// Matchers for what tote throws.
#pragma once

#include "base/error.h"

#include <gmock/gmock.h>

namespace tote::test {

// EXPECT_THAT([] { parse("x"); }, ThrowsError(ErrorKind::kParse, "no ':'"));
template <class Text>
auto ThrowsError(ErrorKind kind, Text text) {
  return ::testing::Throws<Error>(
      ::testing::AllOf(::testing::Property(&Error::kind, kind),
                       ::testing::Property(&Error::message, ::testing::HasSubstr(text))));
}

}  // namespace tote::test

#include "base/host_addresses.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using testing::ElementsAre;

TEST(HostAddresses, OfThisMachineNeedNobody) {
  for (const char* name : {"localhost", "LOCALHOST"})
    EXPECT_THAT(addresses_of_host(name), ElementsAre("127.0.0.1", "::1")) << name;
}

TEST(HostAddresses, OfANumberAreTheNumber) {
  for (const char* number : {"127.0.0.1", "192.0.2.7", "::1", "2001:db8::7"})
    EXPECT_THAT(addresses_of_host(number), ElementsAre(number));
}

TEST(HostAddresses, AreNotToBeHadOfWhatIsNoName) {
  for (const std::string& name :
       {std::string("no such name!"), std::string(2000, 'a'), std::string("a..b"),
        std::string("b\n"), std::string("\xc3\xa9"), std::string()})
    EXPECT_THAT([&] { addresses_of_host(name); },
                test::ThrowsError(ErrorKind::kIo, "'" + name + "' is not found: "));
}

}  // namespace
}  // namespace tote

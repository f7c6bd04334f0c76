#include "registry/scheme.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

TEST(MayUsePlainHttp, KnowsThisMachineAndPrivateNetworks) {
  for (const char* registry :
       {"localhost:5000", "127.0.0.1:5000", "127.0.0.1", "[::1]:5000", "reg.local", "reg.local:80",
        "x.localhost:1", "10.0.0.1:5000", "172.16.9.9", "192.168.1.1:80"})
    EXPECT_TRUE(may_use_plain_http(registry)) << registry;
  for (const char* registry : {"localhost", "reg.example:5000", "index.docker.io",
                               "172.32.0.1:5000", "11.0.0.1", "10.0.0.256", "10.0.0.1.example.com"})
    EXPECT_FALSE(may_use_plain_http(registry)) << registry;
}

}  // namespace
}  // namespace tote::registry

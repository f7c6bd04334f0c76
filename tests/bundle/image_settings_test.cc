#include "bundle/image_settings.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

using Strings = std::vector<std::string>;

enum class Flag { kEntrypoint, kCmd, kEnv, kUser, kExpose, kVolume, kWorkdir };

// What a flag makes of its values.
Strings parsed(Flag flag, const Strings& values) {
  const auto listed = [](const std::set<std::string>& set) {
    return Strings(set.begin(), set.end());
  };
  switch (flag) {
    case Flag::kEntrypoint:
      return parse_entrypoint(values);
    case Flag::kCmd:
      return parse_cmd(values);
    case Flag::kEnv:
      return parse_env(values);
    case Flag::kUser:
      return {parse_user(values.front())};
    case Flag::kExpose:
      return listed(parse_ports(values));
    case Flag::kVolume:
      return listed(parse_volumes(values));
    case Flag::kWorkdir:
      return {parse_working_dir(values.front())};
  }
  return {};
}

struct Good {
  Flag flag;
  Strings values;
  Strings parsed;
};
class GoodSetting : public testing::TestWithParam<Good> {};

TEST_P(GoodSetting, IsTakenAsItIsMeant) {
  EXPECT_EQ(parsed(GetParam().flag, GetParam().values), GetParam().parsed);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodSetting,
    testing::Values(
        Good{Flag::kEntrypoint, {"/app"}, {"/app"}},
        Good{Flag::kEntrypoint, {"/app", "--port", "1,2"}, {"/app", "--port", "1,2"}},
        Good{Flag::kEntrypoint, {R"(["/app","a b",""])"}, {"/app", "a b", ""}},
        Good{Flag::kEntrypoint, {"my app"}, {"my app"}}, Good{Flag::kCmd, {""}, {""}},
        Good{Flag::kCmd, {R"([ "[" ])"}, {"["}},
        Good{Flag::kCmd, {"-c", "echo \"$A\"\nls"}, {"-c", "echo \"$A\"\nls"}},
        Good{Flag::kEnv, {"B=1", "A=2"}, {"B=1", "A=2"}}, Good{Flag::kEnv, {"A="}, {"A="}},
        Good{Flag::kEnv, {"A=b=c,d e"}, {"A=b=c,d e"}}, Good{Flag::kUser, {"65532"}, {"65532"}},
        Good{Flag::kUser, {"0:0"}, {"0:0"}}, Good{Flag::kUser, {"app:www-data"}, {"app:www-data"}},
        Good{Flag::kUser, {"2147483647"}, {"2147483647"}},
        Good{Flag::kExpose, {"5000"}, {"5000/tcp"}},
        Good{Flag::kExpose, {"53/udp", "1/sctp", "65535/tcp"}, {"1/sctp", "53/udp", "65535/tcp"}},
        Good{Flag::kExpose, {"53", "53/udp"}, {"53/tcp", "53/udp"}},
        Good{Flag::kVolume, {"/data"}, {"/data"}},
        Good{Flag::kVolume, {"/b//c/./d/", "/a b"}, {"/a b", "/b/c/d"}},
        Good{Flag::kWorkdir, {"/"}, {"/"}}, Good{Flag::kWorkdir, {"//srv/"}, {"/srv"}}));

struct Bad {
  Flag flag;
  Strings values;
  const char* complaint;
};
class BadSetting : public testing::TestWithParam<Bad> {};

TEST_P(BadSetting, IsRefusedInOneSentence) {
  try {
    parsed(GetParam().flag, GetParam().values);
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::StartsWith(GetParam().complaint));
    EXPECT_THAT(error.message(), testing::Not(testing::HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSetting,
    testing::Values(
        Bad{Flag::kEntrypoint, {""}, "expected the name of a program, got ''"},
        Bad{Flag::kEntrypoint, {"[]"}, "expected at least one word, got none"},
        Bad{Flag::kEntrypoint, {"[/app]"}, "expected a JSON array of strings, got '[/app]'"},
        Bad{Flag::kEntrypoint, {R"(["/app",1])"}, "expected a JSON array of strings, got"},
        Bad{Flag::kEntrypoint, {R"(["/app"])", "x"}, "a JSON array is the whole of it"},
        Bad{Flag::kCmd, {"a", R"(["b"])"}, "a JSON array is the whole of it"},
        Bad{Flag::kCmd, {"\xff"}, "a value is no UTF-8 text"},
        Bad{Flag::kCmd, {R"(["a\u0000"])"}, "a value holds a NUL character"},
        Bad{Flag::kEnv, {"A"}, "expected KEY=VALUE, got 'A'"},
        Bad{Flag::kEnv, {""}, "expected KEY=VALUE, got ''"},
        Bad{Flag::kEnv, {"=b"}, "expected KEY=VALUE, got '=b'"},
        Bad{Flag::kEnv, {"A =b"}, "expected a key without blanks, got 'A '"},
        Bad{Flag::kEnv, {"A=1", "B=1", "A=1"}, "'A' is given twice"},
        Bad{Flag::kUser, {""}, "expected USER or USER:GROUP, got ''"},
        Bad{Flag::kUser, {"a:b:c"}, "expected USER or USER:GROUP, got 'a:b:c'"},
        Bad{Flag::kUser, {"1:"}, "expected USER or USER:GROUP, got '1:'"},
        Bad{Flag::kUser, {":1"}, "expected USER or USER:GROUP, got ':1'"},
        Bad{Flag::kUser, {"-1"}, "expected USER or USER:GROUP, got '-1'"},
        Bad{Flag::kUser, {"a b"}, "expected USER or USER:GROUP, got 'a b'"},
        Bad{Flag::kUser, {"2147483648"}, "'2147483648' is over 2147483647"},
        Bad{Flag::kUser, {"1:99999999999999999999"}, "'99999999999999999999' is over"},
        Bad{Flag::kExpose, {""}, "expected a port from 1 to 65535, got ''"},
        Bad{Flag::kExpose, {"0"}, "expected a port from 1 to 65535, got '0'"},
        Bad{Flag::kExpose, {"65536"}, "expected a port from 1 to 65535, got '65536'"},
        Bad{Flag::kExpose, {"080"}, "expected a port from 1 to 65535, got '080'"},
        Bad{Flag::kExpose, {"http"}, "expected a port from 1 to 65535, got 'http'"},
        Bad{Flag::kExpose, {"80-90"}, "expected a port from 1 to 65535, got '80-90'"},
        Bad{Flag::kExpose, {"8080:80"}, "expected a port from 1 to 65535, got '8080:80'"},
        Bad{Flag::kExpose, {"80/icmp"}, "expected tcp, udp or sctp behind '80/', got 'icmp'"},
        Bad{Flag::kExpose, {"80/"}, "expected tcp, udp or sctp behind '80/', got ''"},
        Bad{Flag::kExpose, {"80", "80/tcp"}, "'80/tcp' is given twice"},
        Bad{Flag::kVolume, {"data"}, "expected an absolute path, got 'data'"},
        Bad{Flag::kVolume, {""}, "expected an absolute path, got ''"},
        Bad{Flag::kVolume, {"/"}, "'/' can be no volume"},
        Bad{Flag::kVolume, {"/a/../b"}, "expected a path without '..', got '/a/../b'"},
        Bad{Flag::kVolume, {"/a:/b"}, "expected a path without ':', got '/a:/b'"},
        Bad{Flag::kVolume, {"/a", "/a/"}, "'/a' is given twice"},
        Bad{Flag::kWorkdir, {"srv"}, "expected an absolute path, got 'srv'"},
        Bad{Flag::kWorkdir, {"/.."}, "expected a path without '..', got '/..'"}));

}  // namespace
}  // namespace tote::bundle

#include "bundle/image_names.h"

#include "base/error.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::bundle {
namespace {

using testing::HasSubstr;
const std::string kA = "r.io/aa@sha256:" + std::string(64, 'a');
const std::string kB = "r.io/bb@sha256:" + std::string(64, 'b');

TEST(ImageNames, AreWrittenInOrderAndReadAgain) {
  const ImageNames names{{{kB, "bb:2", "m.io/bb:2"},
                          {kA, "aa:1", "m.io/aa:1"},
                          {kA, "aa:2", "m.io/aa:x"},
                          {kB, "bb:2", "m.io/bb:2"}}};
  const std::string text = names.encode();
  EXPECT_EQ(text, "---\nimages:\n- image: " + kA +
                      "\n  name: m.io/aa:1\n  original: aa:1\n- image: " + kA +
                      "\n  name: m.io/aa:x\n  original: aa:2\n- image: " + kB +
                      "\n  name: m.io/bb:2\n  original: bb:2\nkind: ImageNames\nversion: 1\n");
  EXPECT_EQ(ImageNames::parse(text, "n").encode(), text);
  EXPECT_EQ(ImageNames::parse(ImageNames{}.encode(), "n").images.size(), 0U);
}

TEST(ImageNames, HaveTheSameImageForTheSameContent) {
  EXPECT_EQ(build_image_names({{{kB, "bb:2", "m.io/bb:2"}, {kA, "aa:1", "m.io/aa:1"}}})->digest(),
            build_image_names({{{kA, "aa:1", "m.io/aa:1"}, {kB, "bb:2", "m.io/bb:2"}}})->digest());
}

struct Bad {
  const char* name;
  std::string text;
  const char* said;
};
class BadImageNames : public testing::TestWithParam<Bad> {};

TEST_P(BadImageNames, AreRefusedWithTheLine) {
  try {
    ImageNames::parse(GetParam().text, "n.yml");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().said));
    EXPECT_THAT(error.message(), HasSubstr("n.yml"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadImageNames,
    testing::Values(Bad{"NoYaml", "a: [", "line"},
                    Bad{"OtherKind", "kind: x\nversion: 1\n", "kind"},
                    Bad{"OtherVersion", "kind: ImageNames\nversion: 2\n", "version"},
                    Bad{"UnknownKey", "kind: ImageNames\nversion: 1\nx: 1\n", "x"},
                    Bad{"NoDigest",
                        "kind: ImageNames\nversion: 1\nimages: [{image: 'r.io/aa:1', name: "
                        "'m.io/aa:1', original: aa}]",
                        "is no image with a digest"},
                    Bad{"NoOriginal",
                        "kind: ImageNames\nversion: 1\nimages: [{image: '" + kA +
                            "', name: 'm.io/aa:1'}]",
                        "original"},
                    Bad{"NoName",
                        "kind: ImageNames\nversion: 1\nimages: [{image: '" + kA +
                            "', name: 'A B', original: aa}]",
                        "'A B'"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote::bundle

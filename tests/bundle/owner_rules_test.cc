#include "bundle/owner_rules.h"

#include "base/codec/tar_reader.h"
#include "bundle/layer_packer.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote::bundle {
namespace {

using test::TempDir;
using test::ThrowsError;
using test::write_text;

struct Rule {
  const char* text;
  const char* path;
  Owner owner;
};
class GoodOwnerRule : public testing::TestWithParam<Rule> {};

TEST_P(GoodOwnerRule, NamesAPathAndItsOwner) {
  const OwnerRule rule = parse_owner_rule(GetParam().text);
  EXPECT_EQ(rule.path, GetParam().path);
  EXPECT_EQ(rule.owner, GetParam().owner);
}

INSTANTIATE_TEST_SUITE_P(All, GoodOwnerRule,
                         testing::Values(Rule{"data=65532", "data", {65532, 65532}},
                                         Rule{"data=65532:0", "data", {65532, 0}},
                                         Rule{"/data/=1:2", "data", {1, 2}},
                                         Rule{"./a//b=1", "a/b", {1, 1}}, Rule{"/=7", "", {7, 7}},
                                         Rule{".=7:8", "", {7, 8}}, Rule{"a=b=7", "a=b", {7, 7}},
                                         Rule{"x=4294967294", "x", {4294967294, 4294967294}}));

class BadOwnerRule : public testing::TestWithParam<const char*> {};

TEST_P(BadOwnerRule, IsRefused) {
  EXPECT_THAT([] { parse_owner_rule(GetParam()); },
              ThrowsError(ErrorKind::kUsage, fmt::format("expected PATH=UID or PATH=UID:GID, got "
                                                         "'{}'",
                                                         GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, BadOwnerRule,
                         testing::Values("", "data", "data=", "=1", "data=nobody",
                                         "data=1:", "data=:1", "data=1:2:3", "data=-1",
                                         "data=4294967295", "65532:65532", "data=1 "));

// "mode user:group name" of each entry.
std::vector<std::string> entries(const PackedLayer& layer) {
  const auto content = layer.content.open();
  TarReader tar(*content);
  std::vector<std::string> lines;
  while (const auto entry = tar.next())
    lines.push_back(fmt::format("{:o} {}:{} {}", entry->mode, entry->uid, entry->gid, entry->name));
  return lines;
}

TEST(ImageToBeRun, HasTheModesOfItsFilesAndTheOwnersThatWereNamed) {
  const TempDir dir;
  write_text(dir / "root/bin/app", "x");
  write_text(dir / "root/data/deep/f", "x");
  write_text(dir / "root/data-not", "x");
  const auto set_mode = [&](const char* name, mode_t mode) {
    ASSERT_EQ(::chmod((dir / name).c_str(), mode), 0);
  };
  set_mode("root", 0700);
  set_mode("root/bin", 0755);
  set_mode("root/bin/app", 04755);
  set_mode("root/data", 01777);
  set_mode("root/data/deep", 02750);
  set_mode("root/data/deep/f", 0640);
  set_mode("root/data-not", 0444);
  std::vector<PushFile> files = collect_files({(dir / "root").string()}, {});
  apply_owner_rules({parse_owner_rule("data=65532"), parse_owner_rule("data/deep/f=3000000:4")},
                    files);
  EXPECT_EQ(entries(pack_layer(files, Permissions::kAsTheyAre)),
            (std::vector<std::string>{"755 0:0 bin", "4755 0:0 bin/app", "1777 65532:65532 data",
                                      "2750 65532:65532 data/deep", "640 3000000:4 data/deep/f",
                                      "444 0:0 data-not"}))
      << "'/' is not for the gathering directory to say";
}

TEST(ApplyOwnerRules, GivesEverythingToWhoOwnsTheRoot) {
  const TempDir dir;
  write_text(dir / "root/a/b", "x");
  std::vector<PushFile> files = collect_files({(dir / "root").string()}, {});
  apply_owner_rules({parse_owner_rule("/=5:6")}, files);
  EXPECT_EQ(entries(pack_layer(files, Permissions::kAsTheyAre)).size(), 2U);
  for (const PushFile& file : files) EXPECT_EQ(file.owner, (Owner{5, 6})) << file.name;
}

TEST(ApplyOwnerRules, RefusesARuleThatIsAboutNothing) {
  const TempDir dir;
  write_text(dir / "root/data", "x");
  std::vector<PushFile> files = collect_files({(dir / "root").string()}, {});
  EXPECT_THAT([&] { apply_owner_rules({parse_owner_rule("/dat=5")}, files); },
              ThrowsError(ErrorKind::kUsage, "the image has no '/dat'"));
}

}  // namespace
}  // namespace tote::bundle

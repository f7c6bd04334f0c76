// The programs in examples/, as somebody who reads them would run them.
#include "archive/archive_reader.h"
#include "oci/digest.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string example(const std::string& name) {
  return std::string(TOTE_EXAMPLES) + "/example_" + name;
}

TEST(Examples, CopyAnImageToAnArchive) {
  const test::TempDir dir;
  test::TestRegistry registry;
  const auto image = test::put_image(registry.storage(), "app", {"layer"}, "v1");
  const test::ProgramResult result = test::run(
      {example("copy_to_archive"), registry.address() + "/app:v1", (dir / "app.tar").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("image " + registry.address() + "/app@" + image.str() + "\n"));
  EXPECT_THAT(result.out, HasSubstr("blob " + oci::Digest::of("layer").str() + ", 5 bytes\n"));
  const archive::ArchiveReader archive(dir / "app.tar");
  ASSERT_EQ(archive.contents().images.size(), 1U);
  EXPECT_EQ(archive.contents().images[0].target.digest, image);
}

TEST(Examples, SayWhatIsWrong) {
  test::TestRegistry registry;
  const test::ProgramResult result =
      test::run({example("copy_to_archive"), registry.address() + "/app:v1", "/dev/null/x"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("NAME_UNKNOWN"));
}

TEST(Examples, HaveARegistryInTheirProcess) {
  const test::TempDir dir;
  test::write_text(dir / "files" / "a", "text");
  const test::ProgramResult result =
      test::run({example("registry_in_process"), (dir / "files").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, EndsWith("the registry has it\n"));
}

}  // namespace
}  // namespace tote

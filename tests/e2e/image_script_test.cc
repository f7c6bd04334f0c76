// hack/image.sh: the container image of the program, with another static file in the program's
// place.
#include "base/json.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ProgramResult;
using testing::HasSubstr;

class ImageScript : public testing::Test {
 protected:
  // busybox, as if it were of either machine.
  ImageScript() {
    EXPECT_DONE(
        sh("for arch in amd64:3e arm64:b7; do\n"
           "  cp /bin/busybox file-${arch%:*}\n"
           "  printf \"\\\\$(printf %o 0x${arch#*:})\\\\000\" |\n"
           "    dd of=file-${arch%:*} bs=1 seek=18 conv=notrunc status=none\n"
           "done"));
  }

  ProgramResult sh(const std::string& script, std::map<std::string, std::string> environment = {}) {
    environment.insert({{"HOME", dir_.path().string()},
                        {"IMAGE", TOTE_TEST_DATA "/../../hack/image.sh"},
                        {"TOTE", test::program_path()},
                        {"TOTE_VERSION", "1.2.3+x"},
                        {"TOTE_REVISION", "0123456789abcdef"},
                        {"TOTE_SOURCE_URL", "https://source.example/tote"},
                        {"SOURCE_DATE_EPOCH", "1700000000"}});
    return test::run({"bash", "-euc", script},
                     {.directory = dir_.path(), .environment = std::move(environment)});
  }

  test::TempDir dir_;
};

TEST_F(ImageScript, MakesTheSameImageOnEveryBuild) {
  EXPECT_DONE(
      sh("(umask 022; \"$IMAGE\" file-amd64 file-arm64 a)\n"
         "mkdir elsewhere b; chmod g+s b; cp file-* elsewhere; touch -d @0 elsewhere/*\n"
         "(umask 077; cd elsewhere; \"$IMAGE\" file-amd64 file-arm64 ../b)\n"
         "cmp a/*.tar b/*.tar\n"
         "diff -r a/tote-1.2.3-x-image b/tote-1.2.3-x-image\n"
         "test \"$(ls -A a | wc -l)\" = 2"));
}

TEST_F(ImageScript, MakesAnImageThatOthersRead) {
  EXPECT_DONE(sh("\"$IMAGE\" file-amd64 file-arm64 out"));
  const auto inspected =
      sh("mv out/tote-1.2.3-x-image layout\n"
         "skopeo inspect --config --raw oci:layout:1.2.3-x-amd64");
  EXPECT_DONE(inspected);
  const Json config = Json::parse(inspected.out, "config");
  EXPECT_EQ(config.at("created").string(), "2023-11-14T22:13:20Z");
  EXPECT_EQ(
      config.at("config").text(),
      R"({"Entrypoint":["/tote"],"Labels":{"org.opencontainers.image.created":)"
      R"("2023-11-14T22:13:20Z","org.opencontainers.image.licenses":"Apache-2.0",)"
      R"("org.opencontainers.image.revision":"0123456789abcdef","org.opencontainers.image.source":)"
      R"("https://source.example/tote","org.opencontainers.image.title":"tote",)"
      R"("org.opencontainers.image.version":"1.2.3+x"},"User":"65532:65532","WorkingDir":"/data"})");
  EXPECT_DONE(
      sh("for arch in amd64 arm64; do\n"
         "  skopeo inspect --override-arch $arch oci:layout:1.2.3-x |\n"
         "    grep -q '\"Architecture\": \"'$arch'\"'\n"
         "  umoci unpack --rootless --image layout:1.2.3-x-$arch $arch >/dev/null 2>&1\n"
         "  cmp $arch/rootfs/tote file-$arch\n"
         "  cmp $arch/rootfs/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt\n"
         "  grep -q '\"uid\": 65532' $arch/config.json\n"
         "done\n"
         "test \"$(stat -c %a amd64/rootfs/tote amd64/rootfs/data amd64/rootfs/tmp | xargs)\" =\\\n"
         "  '755 755 1777'\n"
         "for blob in layout/blobs/sha256/*; do\n"
         "  tar --numeric-owner -tvzf $blob 2>/dev/null || true\n"
         "done >listed\n"
         "grep -q '^drwxr-xr-x 65532/65532 .* data/\\?$' listed\n"
         "grep -q '^-rwxr-xr-x 0/0 .* tote$' listed"));
}

TEST_F(ImageScript, MakesAnArchiveThatDockerLoads) {
  EXPECT_DONE(
      sh("\"$IMAGE\" file-amd64 file-arm64 out\n"
         "archive=$PWD/out/tote-1.2.3-x-image.tar\n"
         // As an engine that knows manifest.json only.
         "for arch in amd64 arm64; do\n"
         "  skopeo inspect --config docker-archive:$archive:tote:1.2.3-x-$arch |\n"
         "    grep -q '\"architecture\": \"'$arch'\"'\n"
         "  skopeo copy --insecure-policy -q docker-archive:$archive:tote:1.2.3-x-$arch "
         "oci:$arch:v1\n"
         "  umoci unpack --rootless --image $arch:v1 $arch-out >/dev/null 2>&1\n"
         "  cmp $arch-out/rootfs/tote file-$arch\n"
         "done\n"
         // As one that knows layouts.
         "skopeo inspect --raw oci-archive:$archive:1.2.3-x >/dev/null\n"
         "tar xOf $archive index.json | grep -q "
         "'\"io.containerd.image.name\":\"docker.io/library/tote:1.2.3-x\"'\n"
         "\"$TOTE\" pull --tar $archive -i tote:1.2.3-x-arm64 -o pulled >/dev/null\n"
         "cmp pulled/tote file-arm64"));
}

TEST_F(ImageScript, RefusesFilesThatAreForTheOtherMachine) {
  const auto swapped = sh("\"$IMAGE\" file-arm64 file-amd64 out");
  EXPECT_EQ(swapped.exit_code, 1);
  EXPECT_THAT(swapped.err, HasSubstr("'file-arm64' is no program for x86-64"));
  EXPECT_THAT(sh("\"$IMAGE\" file-amd64 out").err, HasSubstr("No such file"));
  EXPECT_THAT(sh("\"$IMAGE\"").err, HasSubstr("usage: hack/image.sh FILE_AMD64 FILE_ARM64"));
  const auto no_url = sh("\"$IMAGE\" file-amd64 file-arm64 out", {{"TOTE_SOURCE_URL", "/srv/git"}});
  EXPECT_THAT(no_url.err, HasSubstr("'/srv/git', where git has the source from, is no URL"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

}  // namespace
}  // namespace tote

// pull: its output, its checks, nested bundles, which files it makes.
#include "tests/e2e/imgpkg.h"

#include <sys/stat.h>

namespace tote {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class ImgpkgPull : public Imgpkg {};

TEST_F(ImgpkgPull, ChecksBeforeItAsks) {
  EXPECT_EQ(complaint({"pull", "-i", "a.io/bb"}), "required flag(s) \"output\" not set");
  EXPECT_EQ(complaint({"pull", "-i", "a.io/bb", "-o", ""}), "Expected --output to be none empty");
  for (const char* output : {"/", ".", "..", "./", "../"})
    EXPECT_EQ(complaint({"pull", "-i", "a.io/bb", "-o", output}),
              "Disallowed output directory (trying to avoid accidental deletion)")
        << output;
  EXPECT_EQ(complaint({"pull", "-i", "a.io/bb", "-o", work().string()}),
            "Disallowed output directory (trying to avoid accidental deletion)");
  EXPECT_EQ(complaint({"pull", "-i", "a", "-b", "b", "-o", "x"}),
            "Expected only one of image, bundle, or lock");
  EXPECT_EQ(complaint({"pull", "-o", "x"}), "Expected either image or bundle reference");
  EXPECT_EQ(complaint({"pull", "-r", "-i", "a.io/bb", "-o", "x"}),
            "Cannot use --recursive (-r) flag when pulling a bundle");
  EXPECT_EQ(complaint({"pull", "--image-is-bundle-check=false", "-b", "a.io/bb", "-o", "x"}),
            "Cannot set --image-is-bundle-check while using -b flag");
}

TEST_F(ImgpkgPull, ShowsAPlainImage) {
  const auto image =
      test::put_image(registry_.storage(), "src/app",
                      {test::make_tar({{"f", "1"}}), test::make_tar({{"g", "2"}})}, "v1");
  const std::string out = shown({"pull", "-i", at("src/app:v1"), "-o", "out"});
  EXPECT_THAT(
      out, StartsWith(fmt::format("Pulling image '{}'\nExtracting layer '", at("src/app", image))));
  EXPECT_THAT(out, HasSubstr("' (1/2)\nExtracting layer '"));
  EXPECT_THAT(out, testing::EndsWith("' (2/2)\n\nSucceeded\n"));
}

TEST_F(ImgpkgPull, ShowsABundleThatHasItsImagesElsewhere) {
  const auto image = test::put_image(registry_.storage(), "src/img", {"1"});
  const std::string lock = test::images_lock({at("src/img", image)});
  const auto bundle = test::put_bundle(registry_.storage(), "src/bundle", lock, "v1");
  EXPECT_EQ(shown({"pull", "-b", at("src/bundle:v1"), "-o", "out"}),
            fmt::format("Pulling bundle '{}'\n"
                        "  Extracting layer '{}' (1/1)\n"
                        "\n"
                        "Locating image lock file images...\n"
                        "One or more images not found in bundle repo; skipping lock file update\n"
                        "\n"
                        "Succeeded\n",
                        at("src/bundle", bundle), layer_of("src/bundle", bundle)));
  EXPECT_EQ(read("out/.imgpkg/images.yml"), lock) << "left as it was";
}

TEST_F(ImgpkgPull, ShowsABundleThatHasItsImagesBesideIt) {
  const auto image = test::put_image(registry_.storage(), "src/img", {"1"});
  const auto bundle = test::put_bundle(registry_.storage(), "src/bundle",
                                       test::images_lock({at("src/img", image)}), "v1");
  shown({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all")});
  EXPECT_EQ(shown({"pull", "-b", at("dst/all:v1"), "-o", "out"}),
            fmt::format("Pulling bundle '{}'\n"
                        "  Extracting layer '{}' (1/1)\n"
                        "\n"
                        "Locating image lock file images...\n"
                        "The bundle repo ({}) is hosting every image specified in the bundle's "
                        "Images Lock file (.imgpkg/images.yml)\n"
                        "\n"
                        "Succeeded\n",
                        at("dst/all", bundle), layer_of("dst/all", bundle), at("dst/all")));
  EXPECT_EQ(read("out/.imgpkg/images.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n- image: {}\nkind: "
                        "ImagesLock\n",
                        at("dst/all", image)));
}

TEST_F(ImgpkgPull, ShowsNestedBundlesEachOnce) {
  auto& storage = registry_.storage();
  const auto inner = test::put_bundle(storage, "src/inner", test::images_lock({}));
  const auto nested =
      test::put_bundle(storage, "src/nested", test::images_lock({at("src/inner", inner)}));
  const auto outer = test::put_bundle(
      storage, "src/outer", test::images_lock({at("src/nested", nested), at("src/inner", inner)}),
      "2.0");
  shown({"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/all")});
  EXPECT_EQ(shown({"pull", "-r", "-b", at("dst/all:2.0"), "-o", "out"}),
            fmt::format("Pulling bundle '{}'\n"
                        "  Extracting layer '{}' (1/1)\n"
                        "\n"
                        "Nested bundles\n"
                        "  Pulling nested bundle '{}'\n"
                        "    Extracting layer '{}' (1/1)\n"
                        "    Pulling nested bundle '{}'\n"
                        "      Extracting layer '{}' (1/1)\n"
                        "  Pulling nested bundle '{}'\n"
                        "  Skipped, already downloaded\n"
                        "\n"
                        "Locating image lock file images...\n"
                        "The bundle repo ({}) is hosting every image specified in the bundle's "
                        "Images Lock file (.imgpkg/images.yml)\n"
                        "\n"
                        "Succeeded\n",
                        at("dst/all", outer), layer_of("dst/all", outer), at("dst/all", nested),
                        layer_of("dst/all", nested), at("dst/all", inner),
                        layer_of("dst/all", inner), at("src/inner", inner), at("dst/all")));
  for (const oci::Digest& digest : {nested, inner})
    EXPECT_TRUE(std::filesystem::exists(work() / "out/.imgpkg/bundles" /
                                        ("sha256-" + digest.hex()) / ".imgpkg/images.yml"));
}

TEST_F(ImgpkgPull, TakesAPlainLookAtABundleIfTold) {
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({}), "v1");
  EXPECT_EQ(complaint({"pull", "-i", at("src/b:v1"), "-o", "out"}),
            "Expected bundle flag when pulling a bundle (hint: Use -b instead of -i for bundles)");
  EXPECT_THAT(shown({"pull", "-i", at("src/b:v1"), "-o", "out", "--image-is-bundle-check=false"}),
              StartsWith("Pulling image '"));
}

TEST_F(ImgpkgPull, ReplacesWhatItsOutputIs) {
  test::put_image(registry_.storage(), "src/app",
                  {test::make_tar({{"config/c.yml", "1"}, {"empty", "", '5', 0755}})}, "v1");
  write("old/file", "x");
  write("file", "x");
  std::filesystem::create_symlink("old", work() / "link");
  for (const char* output : {"old", "file", "link", "new/deep/er", "config"}) {
    EXPECT_EQ(imgpkg({"pull", "-i", at("src/app:v1"), "-o", output}).exit_code, 0) << output;
    EXPECT_EQ(test::read_tree(work() / output),
              (std::map<std::string, std::string>{
                  {"config/", ""}, {"config/c.yml", "1"}, {"empty/", ""}}))
        << output;
    EXPECT_FALSE(std::filesystem::is_symlink(work() / output));
  }
}

TEST_F(ImgpkgPull, GivesModesAndTakesNamesAsItDoes) {
  test::put_image(registry_.storage(), "src/app",
                  {test::make_tar({{"private", "1", '0', 0600},
                                   {"script", "1", '0', 0755},
                                   {"text", "1", '0', 0644},
                                   {"win\\dows\\file", "1"},
                                   {"/absolute", "1"},
                                   {"link", "", '2', 0777, "text"}})},
                  "v1");
  const mode_t before = ::umask(022);
  const auto pulled = imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out"});
  ::umask(before);
  EXPECT_EQ(pulled.exit_code, 0) << pulled.err;
  const auto mode = [&](const char* name) {
    return static_cast<unsigned>(std::filesystem::status(work() / "out" / name).permissions());
  };
  EXPECT_EQ(mode("private"), 0644U) << "0666 without the umask";
  EXPECT_EQ(mode("script"), 0755U);
  EXPECT_EQ(mode("text"), 0644U);
  EXPECT_EQ(mode("win"), 0755U);
  EXPECT_EQ(read("out/win/dows/file"), "1");
  EXPECT_EQ(mode(""), 0755U) << "the output itself";
  struct stat info {};
  ASSERT_EQ(::stat((work() / "out/text").c_str(), &info), 0);
  EXPECT_EQ(info.st_mtime, 0) << "as in the layer";
  EXPECT_EQ(read("out/absolute"), "1");
  EXPECT_FALSE(std::filesystem::exists(work() / "out/link"));
}

TEST_F(ImgpkgPull, AppliesWhiteouts) {
  test::put_image(
      registry_.storage(), "src/app",
      {test::make_tar({{"a", "old"}, {"b", "old"}, {"d/e", "old"}}),
       test::make_tar({{"a", "new"}, {".wh.b", ""}, {"d/.wh..wh..opq", ""}, {"d/f", "new"}})},
      "v1");
  EXPECT_EQ(imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out"}).exit_code, 0);
  EXPECT_EQ(test::read_tree(work() / "out"),
            (std::map<std::string, std::string>{{"a", "new"}, {"d/", ""}, {"d/f", "new"}}));
}

TEST_F(ImgpkgPull, SkipsGlobalHeaders) {
  const std::string header = test::make_tar({{"pax_global_header", "52 comment=x\n", 'g'}});
  test::put_image(registry_.storage(), "src/app",
                  {header.substr(0, 1024) + test::make_tar({{"a", "1"}})}, "v1");
  const auto pulled = imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out"});
  EXPECT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_EQ(read("out/a"), "1");
}

TEST_F(ImgpkgPull, SaysWhatIsWrongWithALayer) {
  test::put_image(registry_.storage(), "src/app", {test::make_tar({{"../x", "1"}})}, "v1");
  EXPECT_THAT(complaint({"pull", "-i", at("src/app:v1"), "-o", "out"}),
              StartsWith("Extracting image into directory: "));
  test::put_bundle(registry_.storage(), "src/bundle", "no lock", "v1");
  EXPECT_THAT(complaint({"pull", "-b", at("src/bundle:v1"), "-o", "out"}),
              StartsWith("Unmarshaling images lock: "));
  EXPECT_FALSE(std::filesystem::exists(work() / "out"));
}

TEST_F(ImgpkgPull, ReadsBundleLocksOnly) {
  const auto bundle = test::put_bundle(registry_.storage(), "src/b", test::images_lock({}), "v1");
  write("lock.yml", fmt::format("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\n"
                                "bundle: {{image: {}}}\n",
                                at("src/b", bundle)));
  EXPECT_THAT(shown({"pull", "--lock", "lock.yml", "-o", "out"}), StartsWith("Pulling bundle '"));
  write("images.yml", test::images_lock({}));
  EXPECT_THAT(
      complaint({"pull", "--lock", "images.yml", "-o", "out"}),
      StartsWith(
          "Validating bundle lock:\n  Validating kind:\n    Unknown kind (known: BundleLock)"));
  EXPECT_THAT(complaint({"pull", "--lock", "none.yml", "-o", "out"}),
              HasSubstr("none.yml: no such file or directory"));
}

TEST_F(ImgpkgPull, SaysAtWhichStepItFailed) {
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({}), "v1");
  write("file", "x");
  EXPECT_THAT(complaint({"pull", "-b", at("src/b:v1"), "-o", "file/below"}),
              StartsWith("Creating output directory: "));
  const test::ImageOptions labelled{.oci = false,
                                    .labels_json = R"({"dev.carvel.imgpkg.bundle":""})"};
  test::put_image(registry_.storage(), "src/bad",
                  {test::make_tar({{".imgpkg/images.yml", test::images_lock({})}, {"../x", ""}})},
                  "v1", labelled);
  EXPECT_THAT(complaint({"pull", "-b", at("src/bad:v1"), "-o", "out"}),
              StartsWith("Extracting bundle into directory: "));
}

TEST_F(ImgpkgPull, WantsALockInABundle) {
  const test::ImageOptions labelled{.oci = false,
                                    .labels_json = R"({"dev.carvel.imgpkg.bundle":""})"};
  test::put_image(registry_.storage(), "src/b", {test::make_tar({{"f", "x"}})}, "v1", labelled);
  EXPECT_THAT(complaint({"pull", "-b", at("src/b:v1"), "-o", "out"}),
              testing::ContainsRegex("^Reading path .*images.yml: .*no such file or directory$"));
}

TEST_F(ImgpkgPull, KeepsToTheUmask) {
  test::put_image(registry_.storage(), "src/app",
                  {test::make_tar({{"private", "1", '0', 0600}, {"all", "1", '0', 0777}})}, "v1");
  for (const mode_t mask : {0U, 011U, 077U}) {
    const mode_t before = ::umask(mask);
    const auto pulled = imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out"});
    ::umask(before);
    EXPECT_EQ(pulled.exit_code, 0) << pulled.err;
    const auto mode = [&](const char* name) {
      return static_cast<unsigned>(std::filesystem::status(work() / "out" / name).permissions());
    };
    EXPECT_EQ(mode("private"), 0666U & ~mask);
    EXPECT_EQ(mode("all"), 0777U & ~mask);
    EXPECT_EQ(mode(""), 0777U & ~mask);
  }
}

TEST_F(ImgpkgPull, TakesAnEmptyLockForRelocated) {
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({}), "v1");
  EXPECT_THAT(shown({"pull", "-b", at("src/b:v1"), "-o", "out"}),
              HasSubstr("is hosting every image specified"));
}

TEST_F(ImgpkgPull, LooksForImagesOnlyAsFarAsItMay) {
  const auto image = test::put_image(registry_.storage(), "src/img", {"1"});
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({at("src/img", image)}), "v1");
  for (const int status : {401, 403, 404, 418}) {
    registry_.interceptor().replace([=](const testregistry::RequestHead& head) {
      return head.path.ends_with("/src/b/manifests/" + image.str())
                 ? std::optional(testregistry::Response{status})
                 : std::nullopt;
    });
    EXPECT_EQ(imgpkg({"pull", "-b", at("src/b:v1"), "-o", "out"}).exit_code, status == 418 ? 1 : 0)
        << status;
  }
}

}  // namespace
}  // namespace tote

// describe: what it shows of bundles in bundles, of signatures, of what can not be looked at.
#include "base/json.h"
#include "tests/e2e/imgpkg.h"

namespace tote {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class ImgpkgDescribe : public Imgpkg {
 protected:
  std::string described(Strings more) {
    more.insert(more.begin(), "describe");
    const auto result = imgpkg(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  std::string lock(const std::string& reference, const std::string& annotations) {
    return fmt::format(
        "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n"
        "- image: {}\n  annotations: {{{}}}\n",
        reference, annotations);
  }
};

TEST_F(ImgpkgDescribe, ShowsABundleOfNothing) {
  const auto bundle =
      test::put_bundle(registry_.storage(), "src/bundle", test::images_lock({}), "v1");
  EXPECT_EQ(described({"-b", at("src/bundle:v1")}), "Bundle SHA: " + bundle.str() + "\n\n");
  EXPECT_EQ(
      described({"-b", at("src/bundle:v1"), "-o", "yaml"}),
      fmt::format("sha: {0}\ncontent: {{}}\nimage: {1}\nlayers:\n- digest: {2}\nmetadata: {{}}\n"
                  "origin: {1}\n",
                  bundle.str(), at("src/bundle", bundle), layer_of("src/bundle", bundle)));
}

TEST_F(ImgpkgDescribe, ShowsWhatIsInBundlesInBundles) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/img", {"layer"});
  const auto inner =
      test::put_bundle(storage, "src/inner", lock(at("src/img", image), "k: v, multi: 'a b'"));
  const auto outer =
      test::put_bundle(storage, "src/outer", lock(at("src/inner", inner), "for: outer"), "v1");
  EXPECT_EQ(described({"-b", at("src/outer:v1")}),
            fmt::format("Bundle SHA: {}\n"
                        "\n"
                        "Images:\n"
                        "  - Image: {}\n"
                        "    Type: Bundle\n"
                        "    Origin: {}\n"
                        "    Layers:\n"
                        "      - Digest: {}\n"
                        "    Annotations:\n"
                        "      for: outer\n"
                        "    Images:\n"
                        "    - Image: {}\n"
                        "      Type: Image\n"
                        "      Origin: {}\n"
                        "      Layers:\n"
                        "        - Digest: {}\n"
                        "      Annotations:\n"
                        "        k: v\n"
                        "        multi: a b\n",
                        outer.str(), at("src/inner", inner), at("src/inner", inner),
                        layer_of("src/inner", inner), at("src/img", image), at("src/img", image),
                        layer_of("src/img", image)));
  EXPECT_THAT(described({"-b", at("src/outer:v1"), "--layers=false"}), Not(HasSubstr("Layers:")));
}

TEST_F(ImgpkgDescribe, ShowsRecordsAndSignatures) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/img", {"layer"});
  const auto signature =
      test::put_image(storage, "src/img", {"signature"}, "sha256-" + image.hex() + ".sig");
  test::put_bundle(storage, "src/bundle", test::images_lock({at("src/img", image)}), "v1");
  shown({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all"), "--cosign-signatures"});
  const std::string text = described({"-b", at("dst/all:v1")});
  EXPECT_THAT(text, HasSubstr(fmt::format("  - Image: {}\n    Type: Signature\n",
                                          at("dst/all", signature))));
  EXPECT_THAT(text, HasSubstr("    Annotations:\n      tag: sha256-" + image.hex() + ".sig\n"));
  EXPECT_THAT(text, HasSubstr("    Type: Internal\n"));
  EXPECT_THAT(described({"-b", at("dst/all:v1"), "--cosign-artifacts=false"}),
              Not(HasSubstr("Signature")));
}

TEST_F(ImgpkgDescribe, ShowsThatASignatureIsDenied) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/img", {"layer"});
  test::put_bundle(storage, "src/bundle", test::images_lock({at("src/img", image)}), "v1");
  const std::string tag = "sha256-" + image.hex() + ".sig";
  registry_.interceptor().replace([tag](const testregistry::RequestHead& head) {
    return head.path.ends_with(tag) ? std::optional(testregistry::Response{403}) : std::nullopt;
  });
  EXPECT_THAT(described({"-b", at("src/bundle:v1")}),
              HasSubstr("  - Image: \n    Type: Signature\n"));
  EXPECT_THAT(
      described({"-b", at("src/bundle:v1"), "-o", "yaml"}),
      HasSubstr(fmt::format("    {}:{}:\n      error: access denied\n", at("src/img"), tag)));
  registry_.interceptor().replace([tag](const testregistry::RequestHead& head) {
    return head.path.ends_with(tag) ? std::optional(testregistry::Response{418}) : std::nullopt;
  });
  EXPECT_THAT(complaint({"describe", "-b", at("src/bundle:v1")}),
              StartsWith("Retrieving Images from bundle:\n"));
}

TEST_F(ImgpkgDescribe, ShowsAnnotationsAsTheyAre) {
  auto& storage = registry_.storage();
  const auto image = test::put_image(storage, "src/img", {"layer"});
  test::put_bundle(storage, "src/bundle",
                   lock(at("src/img", image), "percent: '100% ok', lines: \"a\\nb\""), "v1");
  const std::string text = described({"-b", at("src/bundle:v1")});
  EXPECT_THAT(text, HasSubstr("      percent: 100% ok\n"));
  EXPECT_THAT(text, HasSubstr("      lines: a\n      b\n"));
}

TEST_F(ImgpkgDescribe, TakesTheLayersOfAnIndexFromOnePlatform) {
  auto& storage = registry_.storage();
  const auto amd64 = test::put_image(storage, "src/multi", {"a"});
  const auto arm64 = test::put_image(storage, "src/multi", {"b"}, "", {.architecture = "arm64"});
  const auto both = test::put_index(storage, "src/multi", {{arm64, "arm64"}, {amd64, "amd64"}});
  test::put_bundle(storage, "src/bundle", test::images_lock({at("src/multi", both)}), "v1");
  EXPECT_THAT(described({"-b", at("src/bundle:v1")}),
              HasSubstr("- Digest: " + oci::Digest::of(std::string("a")).str()));
  const std::string plain = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)"
      R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{}}}]}})",
      arm64.str(),
      testregistry::content_length(storage.find_manifest("src/multi", arm64)->content));
  const auto without =
      test::put_manifest(storage, "src/multi", "application/vnd.oci.image.index.v1+json", plain);
  test::put_bundle(storage, "src/bundle", test::images_lock({at("src/multi", without)}), "v3");
  EXPECT_THAT(described({"-b", at("src/bundle:v3")}),
              HasSubstr("- Digest: " + oci::Digest::of(std::string("b")).str()))
      << "a child without platform is taken for one of linux/amd64";
  const auto other = test::put_index(storage, "src/multi", {{arm64, "arm64"}});
  test::put_bundle(storage, "src/bundle", test::images_lock({at("src/multi", other)}), "v2");
  EXPECT_THAT(complaint({"describe", "-b", at("src/bundle:v2")}),
              HasSubstr("no child with platform"));
}

TEST_F(ImgpkgDescribe, RefusesWhatIsNoBundle) {
  test::put_image(registry_.storage(), "src/img", {"layer"}, "v1");
  EXPECT_EQ(complaint({"describe", "-b", at("src/img:v1")}),
            fmt::format("Only bundles can be described, and {} is not a bundle", at("src/img:v1")));
  EXPECT_EQ(complaint({"describe"}),
            "Unable to check if  is a bundle: could not parse reference: ");
  EXPECT_THAT(complaint({"describe", "-b", "a.io/bb", "-o", "xml"}),
              StartsWith("--output-type can only have the following values [text, yaml"));
}

TEST_F(ImgpkgDescribe, UsesTheRegistryOptionsForLayersToo) {
  const auto image = test::put_image(registry_.storage(), "src/img", {"layer"});
  test::put_bundle(registry_.storage(), "src/bundle", test::images_lock({at("src/img", image)}),
                   "v1");
  registry_.interceptor().replace(
      [](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.header("Authorization")) return std::nullopt;
        return testregistry::Response{401, {{"WWW-Authenticate", "Basic realm=\"x\""}}};
      });
  const auto described = imgpkg({"describe", "-b", at("src/bundle:v1")},
                                {{"IMGPKG_USERNAME", "ann"}, {"IMGPKG_PASSWORD", "pw"}});
  EXPECT_EQ(described.exit_code, 0) << described.err;
}

TEST_F(ImgpkgDescribe, FetchesNoLayersButThoseOfBundles) {
  auto& storage = registry_.storage();
  const std::string layer = test::random_bytes(100'000, 1);
  const auto image = test::put_image(storage, "src/img", {layer});
  const auto inner =
      test::put_bundle(storage, "src/inner", test::images_lock({at("src/img", image)}));
  const auto outer =
      test::put_bundle(storage, "src/outer", test::images_lock({at("src/inner", inner)}), "v1");
  shown({"copy", "-b", at("src/outer:v1"), "--to-tar", "a.tar"});
  registry_.interceptor().forget_requests();
  const std::string described_there = described({"-b", at("src/outer:v1")});
  EXPECT_THAT(described_there, HasSubstr(oci::Digest::of(layer).str())) << "it is named";
  EXPECT_EQ(registry_.interceptor().count("GET /v2/src/img/blobs/" + oci::Digest::of(layer).str()),
            0U);
  for (const auto& [repository, bundle] : {std::pair("src/inner", inner), {"src/outer", outer}})
    EXPECT_EQ(registry_.interceptor().count(
                  fmt::format("GET /v2/{}/blobs/{}", repository, layer_of(repository, bundle))),
              1U);
  shown({"copy", "-b", at("src/outer:v1"), "--to-layout", "layout"});
  registry_.interceptor().forget_requests();
  EXPECT_EQ(described({"--tar", "a.tar"}), described_there);
  EXPECT_EQ(described({"--layout", "layout"}), described_there);
  EXPECT_TRUE(registry_.interceptor().requests().empty());
}

}  // namespace
}  // namespace tote

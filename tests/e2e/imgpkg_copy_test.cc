// copy: its output, what gets copied under which tags, archives, layers that must not be handed on.
#include "tests/e2e/imgpkg_copy.h"

#include "base/json.h"
#include "base/text.h"

#include <sys/stat.h>

namespace tote {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Strings = std::vector<std::string>;

TEST_F(ImgpkgCopy, ChecksInItsOrder) {
  const std::string source =
      "Expected either --lock, --bundle (-b), --image (-i), or --tar as a source";
  EXPECT_EQ(complaint({"copy"}), source);
  EXPECT_EQ(complaint({"copy", "-b", "a", "-i", "b", "--to-repo", "c"}), source);
  EXPECT_EQ(complaint({"copy", "-b", "a"}), "Expected either --to-tar or --to-repo");
  EXPECT_EQ(complaint({"copy", "-b", "a", "--to-repo", "b", "--to-tar", "c"}),
            "Expected either --to-tar or --to-repo");
  EXPECT_EQ(complaint({"copy", "--tar", "a", "--to-tar", "c", "--lock-output", "d"}),
            "Cannot use tar source (--tar) with tar destination (--to-tar)");
  EXPECT_EQ(complaint({"copy", "-b", "a", "--to-tar", "c", "--lock-output", "d"}),
            "Cannot output lock file with tar destination");
  EXPECT_EQ(complaint({"copy", "-b", "a", "--to-repo", "a.io/bb", "--resume"}),
            "Flag --resume can only be used when copying to tar");
  EXPECT_THAT(complaint({"copy", "-b", "a.io/bb", "--to-repo", "a.io/bb:v1"}),
              StartsWith("Building import repository ref: "));
  EXPECT_THAT(complaint({"copy", "-b", "a.io/bb", "--to-repo", "a.io/bb", "--concurrency", "0"}),
              HasSubstr("--concurrency"));
}

TEST_F(ImgpkgCopy, ShowsACopyBetweenRepositories) {
  put_example();
  EXPECT_EQ(shown({"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/all"), "--lock-output",
                   "outer.lock"}),
            exported() +
                "copy | importing 5 images...\n"
                "copy | Tagging images\n"
                "\n"
                "Succeeded\n");
  EXPECT_EQ(read("outer.lock"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: {}\n"
                        "  tag: \"2.0\"\nkind: BundleLock\n",
                        at("dst/all", *outer_)));
}

TEST_F(ImgpkgCopy, TagsEveryImageAndRecordsEveryBundle) {
  put_example();
  shown({"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/all")});
  std::set<std::string> wanted = {"2.0"};
  for (const oci::Digest& image : {*img1_, *img2_, *inner_, *nested_, *outer_})
    wanted.insert("sha256-" + image.hex() + ".imgpkg");
  for (const oci::Digest& bundle : {*inner_, *nested_, *outer_}) {
    const std::string record = "sha256-" + bundle.hex() + ".image-locations.imgpkg";
    wanted.insert(record);
    const auto image = registry_.storage().find_tag("dst/all", record);
    ASSERT_TRUE(image);
    wanted.insert("sha256-" + image->hex() + ".imgpkg");
  }
  const auto tags = registry_.storage().tags("dst/all");
  EXPECT_EQ(std::set<std::string>(tags.begin(), tags.end()), wanted);
  EXPECT_EQ(registry_.interceptor().requests().back(), "PUT /v2/dst/all/manifests/2.0");
}

TEST_F(ImgpkgCopy, CarriesOneImageOrIndex) {
  auto& storage = registry_.storage();
  const auto amd64 = test::put_image(storage, "src/multi", {"a"});
  const auto inner = test::put_index(storage, "src/multi", {{amd64, "amd64"}});
  const auto index = test::put_index(storage, "src/multi", {{inner, "amd64"}}, "1");
  EXPECT_THAT(shown({"copy", "-i", at("src/multi:1"), "--to-repo", at("dst/multi"), "--lock-output",
                     "l.yml"}),
              HasSubstr("copy | exporting 1 images...\n"));
  EXPECT_EQ(storage.find_tag("dst/multi", "1"), index);
  for (const oci::Digest& digest : {amd64, inner})
    EXPECT_TRUE(storage.find_manifest("dst/multi", digest));
  EXPECT_EQ(read("l.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n- image: {}\n"
                        "kind: ImagesLock\n",
                        at("dst/multi", index)));
  EXPECT_EQ(imgpkg({"copy", "-i", at("src/multi", index), "--to-repo", at("dst/digest")}).exit_code,
            0);
  EXPECT_EQ(storage.tags("dst/digest"), Strings{"sha256-" + index.hex() + ".imgpkg"})
      << "a digest has no tag to be kept";
}

TEST_F(ImgpkgCopy, CarriesWhatLocksName) {
  put_example();
  write("images.yml",
        fmt::format("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n"
                    "- {{image: '{}', annotations: {{b: x, a: y}}}}\n- image: {}\n",
                    at("src/img2", *img2_), at("src/img1", *img1_)));
  shown({"copy", "--lock", "images.yml", "--to-repo", at("dst/lock"), "--lock-output", "out.yml"});
  EXPECT_EQ(read("out.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n- annotations:\n"
                        "    a: \"y\"\n    b: x\n  image: {}\n- image: {}\nkind: ImagesLock\n",
                        at("dst/lock", *img2_), at("dst/lock", *img1_)))
      << "order and annotations as they were";
  write("bundle.yml", fmt::format("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\n"
                                  "bundle: {{image: {}, tag: kept}}\n",
                                  at("src/outer", *outer_)));
  shown({"copy", "--lock", "bundle.yml", "--to-repo", at("dst/bundle"), "--lock-output", "b.yml"});
  EXPECT_EQ(registry_.storage().find_tag("dst/bundle", "kept"), outer_);
  EXPECT_THAT(read("b.yml"), HasSubstr("  tag: kept\n"));
  write("wrong.yml", test::images_lock({at("src/inner", *inner_)}));
  EXPECT_EQ(complaint({"copy", "--lock", "wrong.yml", "--to-repo", at("dst/x")}),
            "Unable to copy bundles using an Images Lock file (hint: Create a bundle with these "
            "images)");
  write("none.yml", "kind: Other\n");
  EXPECT_THAT(complaint({"copy", "--lock", "none.yml", "--to-repo", at("dst/x")}),
              StartsWith("Trying to read bundle or images lock file:\n"));
}

TEST_F(ImgpkgCopy, RefusesTheOtherKind) {
  put_example();
  EXPECT_EQ(complaint({"copy", "-i", at("src/outer:2.0"), "--to-repo", at("dst/x")}),
            "Expected bundle flag when copying a bundle (hint: Use -b instead of -i for bundles)");
  EXPECT_EQ(complaint({"copy", "-b", at("src/img1", *img1_), "--to-repo", at("dst/x")}),
            "Expected bundle image but found plain image (hint: Did you use -i instead of -b?)");
  test::put_index(registry_.storage(), "src/outer", {{*outer_, "amd64"}}, "index");
  EXPECT_EQ(complaint({"copy", "-b", at("src/outer:index"), "--to-repo", at("dst/x")}),
            "Expected bundle image but found plain image (hint: Did you use -i instead of -b?)")
      << "an index is never a bundle";
  EXPECT_EQ(imgpkg({"copy", "-i", at("src/outer:index"), "--to-repo", at("dst/y")}).exit_code, 0);
}

TEST_F(ImgpkgCopy, SaysWhatIsWrongWithABundle) {
  auto& storage = registry_.storage();
  const std::string layer = test::make_tar({{"f", "x"}});
  const test::ImageOptions labelled{.oci = false,
                                    .labels_json = R"({"dev.carvel.imgpkg.bundle":""})"};
  test::put_image(storage, "src/two", {layer, layer + "x"}, "v1", labelled);
  EXPECT_THAT(
      complaint({"copy", "-b", at("src/two:v1"), "--to-repo", at("dst/x")}),
      HasSubstr("Reading Images from Bundle:\n  Reading ImagesLock file:\n    Expected bundle "
                "to only have a single layer, got 2"));
  test::put_image(storage, "src/none", {layer}, "v1", labelled);
  EXPECT_THAT(complaint({"copy", "-b", at("src/none:v1"), "--to-repo", at("dst/x")}),
              HasSubstr("Expected to find .imgpkg/images.yml in bundle image"));
  const std::string missing = at("src/gone@sha256:" + std::string(64, '0'));
  test::put_bundle(storage, "src/gone", test::images_lock({missing}), "v1");
  EXPECT_THAT(complaint({"copy", "-b", at("src/gone:v1"), "--to-repo", at("dst/x")}),
              HasSubstr("Checking image existence:\n"));
}

TEST_F(ImgpkgCopy, NeedsNoOriginWhenAllIsCollocated) {
  put_example();
  shown({"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/all")});
  registry_.interceptor().forget_requests();
  shown({"copy", "-b", at("dst/all:2.0"), "--to-repo", at("dst/again")});
  for (const std::string& request : registry_.interceptor().requests())
    EXPECT_THAT(request, Not(HasSubstr("/v2/src/")));
}

TEST_F(ImgpkgCopy, TakesARecordThatIsRefusedForNone) {
  put_example();
  for (const int status : {401, 403, 404}) {
    registry_.interceptor().replace([status](const testregistry::RequestHead& head) {
      return head.path.ends_with(".image-locations.imgpkg") && head.method != "PUT"
                 ? std::optional(testregistry::Response{status})
                 : std::nullopt;
    });
    EXPECT_EQ(imgpkg({"copy", "-b", at("src/inner", *inner_), "--to-tar", "a.tar"}).exit_code, 0)
        << status;
  }
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.path.ends_with(".image-locations.imgpkg")
               ? std::optional(testregistry::Response{418})
               : std::nullopt;
  });
  EXPECT_THAT(complaint({"copy", "-b", at("src/inner", *inner_), "--to-tar", "a.tar"}),
              HasSubstr("Fetching location image:\n"));
}

TEST_F(ImgpkgCopy, LeavesATagThatMayNotMove) {
  put_example();
  shown({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/all")});
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.path.ends_with(".image-locations.imgpkg") && head.method == "PUT"
               ? std::optional(testregistry::Response{500, {}, "the tag is immutable"})
               : std::nullopt;
  });
  // Another record for the same bundle: its image was found elsewhere and is no bundle.
  const std::string record = "sha256-" + inner_->hex() + ".image-locations.imgpkg";
  test::put_manifest(
      registry_.storage(), "dst/all", "application/vnd.oci.image.manifest.v1+json",
      [&] {
        const auto old = *registry_.storage().find_tag("dst/all", record);
        return read_all(*testregistry::open_content(
                            registry_.storage().find_manifest("dst/all", old)->content),
                        1 << 20, "record") +
               " ";
      }(),
      record);
  EXPECT_EQ(imgpkg({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/all"),
                    "--registry-retry-count", "1"})
                .exit_code,
            0)
      << "what is there will do";
  EXPECT_THAT(complaint({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/new"),
                         "--registry-retry-count", "1"}),
              HasSubstr("Pushing locations image to '"))
      << "but there has to be one";
}

TEST_F(ImgpkgCopy, NamesTagsAfterRepositoriesIfTold) {
  put_example();
  shown({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/all"), "--repo-based-tags"});
  EXPECT_TRUE(
      registry_.storage().find_tag("dst/all", "src-img1-sha256-" + img1_->hex() + ".imgpkg"));
  EXPECT_TRUE(
      registry_.storage().find_tag("dst/all", "src-inner-sha256-" + inner_->hex() + ".imgpkg"));
  EXPECT_TRUE(registry_.storage().find_tag("dst/all",
                                           "sha256-" + inner_->hex() + ".image-locations.imgpkg"))
      << "records ignore the option";
}

TEST_F(ImgpkgCopy, ExplainsSchema1) {
  test::put_manifest(registry_.storage(), "src/old",
                     "application/vnd.docker.distribution.manifest.v1+json",
                     R"({"schemaVersion":1,"name":"old","tag":"v1"})", "v1");
  EXPECT_THAT(complaint({"copy", "-i", at("src/old:v1"), "--to-repo", at("dst/x")}),
              HasSubstr("schema 1"));
}

// Each step's own words, before those of its cause.
TEST_F(ImgpkgCopy, SaysAtWhichStepItFailed) {
  put_example();
  const auto refuse = [&](const std::string& method, const std::string& ending,
                          const std::string& body = {}) {
    registry_.interceptor().replace([=](const testregistry::RequestHead& head) {
      return head.method == method && head.path.ends_with(ending)
                 ? std::optional(testregistry::Response{400, {}, body})
                 : std::nullopt;
    });
  };
  const Strings copy = {"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/all")};
  refuse("GET", "/src/nested/manifests/" + nested_->str());
  EXPECT_THAT(complaint(copy), HasSubstr("Checking image existence:\n"));
  refuse("PUT", "/dst/all/manifests/sha256-" + inner_->hex() + ".image-locations.imgpkg");
  EXPECT_THAT(complaint(copy), StartsWith("Creating copy information for bundle " + inner_->str() +
                                          ":\n  Pushing locations image to '"));
  refuse("PUT", "/dst/all/manifests/2.0");
  EXPECT_THAT(complaint(copy),
              StartsWith("Tagging images:\n  Tagging image " + outer_->str() + ":\n"));
  const auto broken = test::put_bundle(registry_.storage(), "src/broken", "no lock", "v1");
  test::put_bundle(registry_.storage(), "src/around", test::images_lock({at("src/broken", broken)}),
                   "v1");
  EXPECT_THAT(complaint({"copy", "-b", at("src/around:v1"), "--to-repo", at("dst/x")}),
              HasSubstr("Retrieving images for bundle '" + at("src/broken", broken) + "'"));
}

TEST_F(ImgpkgCopy, GuessesAtSchema1) {
  auto& storage = registry_.storage();
  const auto amd64 = test::put_image(storage, "src/multi", {"a"});
  test::put_index(storage, "src/multi", {{amd64, "amd64"}}, "1");
  registry_.interceptor().replace([amd64](const testregistry::RequestHead& head) {
    return head.path.ends_with(amd64.str())
               ? std::optional(testregistry::Response{
                     404, {}, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"none"}]})"})
               : std::nullopt;
  });
  EXPECT_THAT(complaint({"copy", "-i", at("src/multi:1"), "--to-repo", at("dst/x")}),
              testing::AllOf(
                  StartsWith("Collecting packaging metadata:\n  Working with " + at("src/multi@")),
                  HasSubstr("Encountered an error most likely because this image is in "
                            "Docker Registry v1 format; only v2 or OCI image format is "
                            "supported (underlying error: ")));
}

TEST_F(ImgpkgCopy, ChecksWhatTheRegistryStored) {
  put_example();
  for (const bool says_so : {true, false}) {
    registry_.interceptor().change(
        [=, this](const testregistry::RequestHead& head, testregistry::Response& response) {
          if (head.path.find("/dst/") == std::string::npos || response.status >= 300) return;
          std::erase_if(response.headers,
                        [](const auto& header) { return header.first == "Docker-Content-Digest"; });
          if (says_so || head.method == "HEAD")
            response.headers.emplace_back("Docker-Content-Digest", img2_->str());
        });
    const std::string tag = at(fmt::format("dst/{}:sha256-{}.imgpkg", says_so, img1_->hex()));
    EXPECT_THAT(
        complaint({"copy", "-i", at("src/img1", *img1_), "--to-repo",
                   at(fmt::format("dst/{}", says_so))}),
        HasSubstr(fmt::format("Expected imported image '{}' to have digest '{}' but was '{}'", tag,
                              img1_->str(), img2_->str())));
  }
}

TEST_F(ImgpkgCopy, KeepsATagThatItMadeItself) {
  put_example();
  shown({"copy", "-i", at("src/img1", *img1_), "--to-repo", at("dst/one"), "--repo-based-tags"});
  const std::string tag = "src-img1-sha256-" + img1_->hex() + ".imgpkg";
  shown({"copy", "-i", at("dst/one:" + tag), "--to-repo", at("dst/two"), "--repo-based-tags"});
  EXPECT_TRUE(registry_.storage().find_tag("dst/two", tag));
}

TEST_F(ImgpkgCopy, TakesALineThatIsThereTwiceOnce) {
  put_example();
  write("lock.yml", test::images_lock({at("src/img1", *img1_), at("src/img1", *img1_)}));
  EXPECT_THAT(shown({"copy", "--lock", "lock.yml", "--to-repo", at("dst/x")}),
              StartsWith("copy | exporting 1 images...\n"));
}

}  // namespace
}  // namespace tote

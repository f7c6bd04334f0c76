// copy: its output, what gets copied under which tags, archives, layers that must not be handed on.
#include "base/json.h"
#include "base/text.h"
#include "tests/e2e/imgpkg.h"

#include <sys/stat.h>

namespace tote {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class ImgpkgCopy : public Imgpkg {
 protected:
  // The bundles of the behaviour's example: outer names nested, inner and an image, nested names
  // inner and an image.
  void put_example() {
    auto& storage = registry_.storage();
    img1_ = test::put_image(storage, "src/img1", {"1"});
    img2_ = test::put_image(storage, "src/img2", {"2"});
    inner_ = test::put_bundle(storage, "src/inner", test::images_lock({at("src/img1", *img1_)}));
    nested_ =
        test::put_bundle(storage, "src/nested",
                         test::images_lock({at("src/inner", *inner_), at("src/img2", *img2_)}));
    outer_ = test::put_bundle(storage, "src/outer",
                              test::images_lock({at("src/nested", *nested_),
                                                 at("src/inner", *inner_), at("src/img1", *img1_)}),
                              "2.0");
  }

  std::string exported() {
    return fmt::format(
        "copy | exporting 5 images...\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | exported 5 images\n",
        at("src/img1", *img1_), at("src/img2", *img2_), at("src/inner", *inner_),
        at("src/nested", *nested_), at("src/outer", *outer_));
  }

  // An image with a layer that must not be handed on, whose blob is only sometimes there.
  oci::Digest put_restricted(bool with_blob) {
    auto& storage = registry_.storage();
    if (with_blob) test::put_blob(storage, "src/ndl", kRestricted);
    const std::string config = R"({"rootfs":{"type":"layers","diff_ids":[]}})";
    test::put_blob(storage, "src/ndl", config);
    test::put_blob(storage, "src/ndl", "free");
    const auto layer = [](const std::string& type, const std::string& bytes) {
      return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type,
                         oci::Digest::of(bytes).str(), bytes.size());
    };
    return test::put_manifest(
        storage, "src/ndl", "application/vnd.docker.distribution.manifest.v2+json",
        fmt::format(
            R"({{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{},"layers":[{},{}]}})",
            layer("application/vnd.docker.container.image.v1+json", config),
            layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", kRestricted),
            layer("application/vnd.docker.image.rootfs.diff.tar.gzip", "free")),
        "v1");
  }
  std::string skipped(const std::string& reference) {
    return fmt::format(
        "copy | Warning: Skipped the followings layer(s) due to it being non-distributable. If you "
        "would like to include non-distributable layers, use the "
        "--include-non-distributable-layers flag\n"
        "copy |  - Image: {}\n"
        "copy |    Layers:\n"
        "copy |      - {}\n",
        reference, oci::Digest::of(kRestricted).str());
  }

  static inline const std::string kRestricted = "of a vendor";
  std::optional<oci::Digest> img1_, img2_, inner_, nested_, outer_;
};

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

TEST_F(ImgpkgCopy, ShowsAnArchiveBeingWrittenAndRead) {
  put_example();
  const std::string out = shown({"copy", "-b", at("src/outer:2.0"), "--to-tar", "a.tar"});
  EXPECT_THAT(out, StartsWith(exported() + "copy | writing layers...\n"
                                           "copy | done: file 'manifest.json' ("));
  Strings files;
  for (const std::string& line : split(out, '\n'))
    if (line.starts_with("copy | done: file '"))
      files.push_back(line.substr(19, line.find("' (") - 19));
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files.size(), 6U) << "manifest.json and five layers, each once";
  EXPECT_EQ(std::unique(files.begin(), files.end()), files.end());
  registry_.interceptor().forget_requests();
  EXPECT_EQ(shown({"copy", "--tar", "a.tar", "--to-repo", at("dst/all")}),
            "copy | importing 5 images...\ncopy | Tagging images\n\nSucceeded\n");
  for (const std::string& request : registry_.interceptor().requests())
    EXPECT_THAT(request, Not(HasSubstr("/v2/src/")));
}

TEST_F(ImgpkgCopy, GivesTheSameRecordsFromAnArchive) {
  put_example();
  shown({"copy", "-b", at("src/outer:2.0"), "--to-repo", at("dst/one")});
  shown({"copy", "-b", at("src/outer:2.0"), "--to-tar", "a.tar"});
  shown({"copy", "--tar", "a.tar", "--to-repo", at("dst/two")});
  shown({"copy", "-b", at("dst/two:2.0"), "--to-repo", at("dst/three")});
  for (const char* repository : {"dst/two", "dst/three"})
    EXPECT_EQ(registry_.storage().tags(repository), registry_.storage().tags("dst/one"))
        << repository;
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

TEST_F(ImgpkgCopy, LeavesRestrictedLayersUnlessTold) {
  const auto image = put_restricted(true);
  const oci::Digest layer = oci::Digest::of(kRestricted);
  EXPECT_THAT(
      shown({"copy", "-i", at("src/ndl:v1"), "--to-repo", at("dst/ndl")}),
      EndsWith("copy | Tagging images\n" + skipped(at("dst/ndl", image)) + "\nSucceeded\n"));
  EXPECT_FALSE(registry_.storage().find_blob("dst/ndl", layer));
  EXPECT_THAT(shown({"copy", "-i", at("src/ndl:v1"), "--to-repo", at("dst/with"),
                     "--include-non-distributable-layers"}),
              Not(HasSubstr("--include-non-distributable-layers")));
  EXPECT_TRUE(registry_.storage().find_blob("dst/with", layer));
  test::put_image(registry_.storage(), "src/plain", {"x"}, "v1");
  EXPECT_THAT(
      shown({"copy", "-i", at("src/plain:v1"), "--to-repo", at("dst/plain"),
             "--include-non-distributable-layers"}),
      HasSubstr("copy | Warning: '--include-non-distributable-layers' flag provided, but no "
                "images contained a non-distributable layer.\n"));
}

TEST_F(ImgpkgCopy, CarriesRestrictedLayersByArchives) {
  const auto image = put_restricted(true);
  const oci::Digest layer = oci::Digest::of(kRestricted);
  EXPECT_THAT(shown({"copy", "-i", at("src/ndl:v1"), "--to-tar", "without.tar"}),
              EndsWith(skipped(at("src/ndl", image)) + "\nSucceeded\n"))
      << "where it came from";
  EXPECT_THAT(shown({"copy", "-i", at("src/ndl:v1"), "--to-tar", "with.tar",
                     "--include-non-distributable-layers"}),
              HasSubstr("done: file 'sha256-" + layer.hex() + ".tar.gz'"));
  const auto complete = [&](const std::string& destination) {
    return std::vector<std::string>{"copy",      "--tar",     "without.tar",
                                    "--to-repo", destination, "--include-non-distributable-layers"};
  };
  shown(complete(at("dst/e")));
  EXPECT_TRUE(registry_.storage().find_blob("dst/e", layer)) << "from where the image came from";
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    const bool from_source =
        head.path.find("/src/ndl/") != std::string::npos || head.parameter("from") == "src/ndl";
    return from_source ? std::optional(testregistry::Response{404}) : std::nullopt;
  });
  EXPECT_THAT(complaint(complete(at("dst/a"))),
              StartsWith("file sha256-" + layer.hex() +
                         ".tar.gz not found in tar (hint: This may be because when copying to a "
                         "tarball, the --include-non-distributable-layers flag should have been "
                         "provided.)"));
  registry_.interceptor().replace(nullptr);
  // Printed although the archive has the layer.
  EXPECT_THAT(shown({"copy", "--tar", "with.tar", "--to-repo", at("dst/b")}),
              HasSubstr(skipped(at("dst/b", image))));
  EXPECT_FALSE(registry_.storage().find_blob("dst/b", layer));
  shown({"copy", "--tar", "with.tar", "--to-repo", at("dst/c"),
         "--include-non-distributable-layers"});
  EXPECT_TRUE(registry_.storage().find_blob("dst/c", layer));
  test::put_blob(registry_.storage(), "dst/d", kRestricted);
  EXPECT_EQ(imgpkg({"copy", "--tar", "without.tar", "--to-repo", at("dst/d"),
                    "--include-non-distributable-layers"})
                .exit_code,
            0)
      << "the destination has it";
}

TEST_F(ImgpkgCopy, SaysWhatIsNoArchive) {
  EXPECT_THAT(complaint({"copy", "--tar", "none.tar", "--to-repo", at("dst/x")}),
              HasSubstr("open none.tar: no such file or directory"));
  write("empty.tar", test::make_tar({{"x", "y"}}));
  EXPECT_THAT(complaint({"copy", "--tar", "empty.tar", "--to-repo", at("dst/x")}),
              HasSubstr("file manifest.json not found in tar"));
  EXPECT_THAT(complaint({"copy", "-i", at("src/x"), "--to-tar", "no/such/a.tar"}),
              HasSubstr("Fetching image"));
  put_example();
  EXPECT_THAT(complaint({"copy", "-i", at("src/img1", *img1_), "--to-tar", "no/such/a.tar"}),
              StartsWith("Creating file 'no/such/a.tar': "));
}

TEST_F(ImgpkgCopy, ReadsArchivesByAnyName) {
  put_example();
  shown({"copy", "-b", at("src/inner", *inner_), "--to-tar", "a.tgz"});
  EXPECT_EQ(imgpkg({"copy", "--tar", "a.tgz", "--to-repo", at("dst/x")}).exit_code, 0);
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

TEST_F(ImgpkgCopy, RefusesLayersThatAreNone) {
  const std::string config = R"({"config":{"Labels":{"dev.carvel.imgpkg.bundle":""}}})";
  test::put_blob(registry_.storage(), "src/odd", config);
  test::put_blob(registry_.storage(), "src/odd", "x");
  test::put_manifest(
      registry_.storage(), "src/odd", "application/vnd.oci.image.manifest.v1+json",
      fmt::format(R"({{"schemaVersion":2,"config":{{"mediaType":)"
                  R"("application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},)"
                  R"("layers":[{{"mediaType":"text/plain","digest":"{}","size":1}}]}})",
                  oci::Digest::of(config).str(), config.size(),
                  oci::Digest::of(std::string("x")).str()),
      "v1");
  EXPECT_THAT(complaint({"copy", "-b", at("src/odd:v1"), "--to-repo", at("dst/x")}),
              HasSubstr("Expected layer to have docker layer media type, was text/plain"));
}

TEST_F(ImgpkgCopy, MakesItsFilesAsOthersDo) {
  put_example();
  const mode_t before = ::umask(022);
  shown({"copy", "-b", at("src/inner", *inner_), "--to-tar", "a.tar"});
  shown({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/x"), "--lock-output", "l"});
  ::umask(before);
  const auto mode = [&](const char* name) {
    return static_cast<unsigned>(std::filesystem::status(work() / name).permissions());
  };
  EXPECT_EQ(mode("a.tar"), 0644U);
  EXPECT_EQ(mode("l"), 0600U);
  std::filesystem::permissions(work() / "l", std::filesystem::perms(0640));
  shown({"copy", "-b", at("src/inner", *inner_), "--to-repo", at("dst/x"), "--lock-output", "l"});
  EXPECT_EQ(mode("l"), 0640U) << "a file that is there keeps its mode";
}

TEST_F(ImgpkgCopy, TakesALineThatIsThereTwiceOnce) {
  put_example();
  write("lock.yml", test::images_lock({at("src/img1", *img1_), at("src/img1", *img1_)}));
  EXPECT_THAT(shown({"copy", "--lock", "lock.yml", "--to-repo", at("dst/x")}),
              StartsWith("copy | exporting 1 images...\n"));
}

TEST_F(ImgpkgCopy, FetchesRestrictedLayersFromTheirUrls) {
  test::TestRegistry vendor;
  test::put_blob(vendor.storage(), "files", kRestricted);
  const std::string digest = oci::Digest::of(kRestricted).str();
  const std::string config = R"({"rootfs":{"type":"layers","diff_ids":[]}})";
  test::put_blob(registry_.storage(), "src/ndl", config);
  test::put_manifest(
      registry_.storage(), "src/ndl", "application/vnd.oci.image.manifest.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"config":{{"mediaType":)"
          R"("application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":)"
          R"([{{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",)"
          R"("digest":"{}","size":{},"urls":["{}/v2/files/blobs/{}"]}}]}})",
          oci::Digest::of(config).str(), config.size(), digest, kRestricted.size(), vendor.url(),
          digest),
      "v1");
  shown({"copy", "-i", at("src/ndl:v1"), "--to-repo", at("dst/ndl"),
         "--include-non-distributable-layers"});
  EXPECT_TRUE(registry_.storage().find_blob("dst/ndl", oci::Digest::of(kRestricted)));
  const auto asked = registry_.interceptor().requests();
  EXPECT_THAT(asked, testing::Contains("GET /v2/src/ndl/blobs/" + digest)) << "the registry first";
}

}  // namespace
}  // namespace tote

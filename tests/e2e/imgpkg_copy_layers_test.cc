// copy: archives, and layers that must not be handed on or are none.
#include "base/json.h"
#include "base/text.h"
#include "tests/e2e/imgpkg_copy.h"

#include <sys/stat.h>

namespace tote {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Strings = std::vector<std::string>;

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

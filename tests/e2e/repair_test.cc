// tote verify --repair and --prune, as a user types them.
#include "base/json.h"
#include "oci/reference.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>

namespace tote {
namespace {

using test::tote;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

// A bundle of two images and an index, in an archive, and copies of it of which something is lost
// or damaged.
class RepairTest : public testing::Test {
 protected:
  RepairTest() {
    one_ = test::put_image(near_.storage(), "src/one", {layer(100'000)});
    two_ = test::put_image(near_.storage(), "src/two", {layer(50'000)});
    const auto arm = test::put_image(near_.storage(), "src/index", {layer(30'000)}, {},
                                     {.architecture = "arm64"});
    const auto amd = test::put_image(near_.storage(), "src/index", {layer(20'000)});
    index_ = test::put_index(near_.storage(), "src/index", {{amd, "amd64"}, {arm, "arm64"}});
    child_ = arm;
    const auto named = [&](const char* name, const oci::Digest& digest) {
      return fmt::format("{}/src/{}@{}", near_.address(), name, digest.str());
    };
    lock_ = test::images_lock({named("one", one_), named("two", two_), named("index", index_)});
    bundle_ = test::put_bundle(near_.storage(), "src/bundle", lock_, "v1");
    EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar", tar()}));
  }

  static std::string layer(std::size_t size) {
    return test::random_bytes(size, static_cast<unsigned>(size));
  }
  static oci::Digest blob(std::size_t size) { return oci::Digest::of(layer(size)); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string tar() const { return path("a.tar"); }
  std::string far() const { return far_.address() + "/dst"; }
  void copy_to(const std::string& repository) const {
    EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-repo", repository}));
  }

  static test::ProgramResult verify(const Strings& arguments) {
    Strings words = {"verify", "-q"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return tote(words);
  }
  static void expect_repaired(const Strings& arguments, const Strings& what) {
    const auto result = verify(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    for (const std::string& line : what) EXPECT_THAT(result.out, HasSubstr("repaired: " + line));
    EXPECT_THAT(result.out, HasSubstr("is as it should be"));
    Strings again = arguments;
    again.push_back("--deep");
    const auto second = verify(again);
    EXPECT_EQ(second.exit_code, 0) << second.out;
    EXPECT_THAT(second.out, Not(HasSubstr("repaired")));
  }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
  oci::Digest one_ = oci::Digest::of("");
  oci::Digest two_ = one_;
  oci::Digest index_ = one_;
  oci::Digest child_ = one_;
  oci::Digest bundle_ = one_;
  std::string lock_;
};

// One byte of the file is another.
void damage(const std::filesystem::path& file, std::uint64_t where) {
  const int fd = ::open(file.c_str(), O_RDWR);
  ASSERT_GE(fd, 0) << file;
  char byte = 0;
  ASSERT_EQ(::pread(fd, &byte, 1, static_cast<off_t>(where)), 1);
  byte = static_cast<char>(byte ^ 1);
  ASSERT_EQ(::pwrite(fd, &byte, 1, static_cast<off_t>(where)), 1);
  ::close(fd);
}

// ---- repositories ------------------------------------------------------------------------------

TEST_F(RepairTest, FetchesOnlyWhatARepositoryLacks) {
  copy_to(far());
  ASSERT_TRUE(far_.storage().remove_manifest("dst", two_));
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(50'000)));
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(100'000)));
  far_.interceptor().forget_requests();
  const std::string prefix = far() + "@";
  expect_repaired(
      {far() + ":v1", "--tar", tar(), "--repair"},
      {prefix + two_.str() + ": it was missing", prefix + blob(50'000).str() + ": it was missing",
       prefix + blob(100'000).str() + ": it was missing"});
  EXPECT_EQ(far_.interceptor().count("PUT /v2/dst/manifests/"), 1U);
  EXPECT_EQ(far_.interceptor().count("POST /v2/dst/blobs/uploads/"), 2U);
}

TEST_F(RepairTest, BringsBackAnIndexBehindItsImages) {
  copy_to(far());
  ASSERT_TRUE(far_.storage().remove_manifest("dst", index_));
  ASSERT_TRUE(far_.storage().remove_manifest("dst", child_));
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(30'000)));
  expect_repaired({far() + ":v1", "--tar", tar(), "--repair"},
                  {far() + "@" + index_.str(), far() + "@" + child_.str()});
}

TEST_F(RepairTest, FillsARepositoryThatHasNothing) {
  expect_repaired({far(), "--tar", tar(), "--repair"}, {far() + ":v1: it was missing"});
  EXPECT_EQ(far_.storage().find_tag("dst", "v1"), bundle_);
  EXPECT_DONE(tote({"pull", "-q", "-b", far() + ":v1", "-o", path("out")}));
}

TEST_F(RepairTest, SetsATagThatLeadsElsewhere) {
  copy_to(far());
  test::put_image(far_.storage(), "dst", {"other"}, "v1");
  expect_repaired({far(), "--tar", tar(), "--repair"}, {far() + ":v1: it was changed"});
  EXPECT_EQ(far_.storage().find_tag("dst", "v1"), bundle_);
}

TEST_F(RepairTest, FetchesFromWhereALockSaysThatItIs) {
  copy_to(far());
  ASSERT_TRUE(far_.storage().remove_manifest("dst", bundle_));
  ASSERT_TRUE(far_.storage().remove_manifest("dst", one_));
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(100'000)));
  test::write_text(dir_ / "images.yml", lock_);
  expect_repaired({far() + ":v1", "--lock", path("images.yml"), "--repair"},
                  {far() + "@" + one_.str(), far() + "@" + blob(100'000).str()});
  test::write_text(dir_ / "bundle.yml",
                   fmt::format("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\nbundle:\n"
                               "  image: {}/src/bundle@{}\n  tag: v1\n",
                               near_.address(), bundle_.str()));
  expect_repaired({far() + ":v1", "--lock", path("bundle.yml"), "--repair"},
                  {far() + "@" + bundle_.str(), far() + ":v1"});
}

TEST_F(RepairTest, DoesWhatItCanAndSaysWhatItCanNot) {
  copy_to(far());
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(100'000)));
  ASSERT_TRUE(far_.storage().remove_blob("dst", blob(50'000)));
  ASSERT_TRUE(near_.storage().remove_blob("src/one", blob(100'000)));
  test::write_text(dir_ / "images.yml", lock_);
  const auto result = verify({far() + ":v1", "--lock", path("images.yml"), "--repair", "--json",
                              "--junit", path("report.xml")});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const Json json = Json::parse(result.out, "result");
  EXPECT_EQ(json.at("right").text(), "false");
  ASSERT_EQ(json.at("repaired").items().size(), 1U);
  EXPECT_EQ(json.at("repaired").items()[0].at("what").string(), far() + "@" + blob(50'000).str());
  ASSERT_EQ(json.at("findings").items().size(), 1U);
  EXPECT_THAT(json.at("findings").items()[0].at("unrepaired").string(), HasSubstr("BLOB_UNKNOWN"));
  EXPECT_THAT(test::read_text(dir_ / "report.xml"), HasSubstr("tests=\"3\" failures=\"1\""));
}

// Where the registry has a file of the right name and size, and says that it has the blob.
TEST_F(RepairTest, ReplacesWhatIsDamagedInARegistrysDirectory) {
  test::Child server({test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0", "--dir",
                      path("registry")},
                     {});
  const std::string place =
      Json::parse(server.read_line(), "ready").at("address").string() + "/dst";
  copy_to(place);
  copy_to(place + "/again");
  damage(dir_ / "registry/blobs/sha256" / blob(100'000).hex(), 777);
  damage(dir_ / "registry/blobs/sha256" / one_.hex(), 7);
  const auto found = verify({place + ":v1", "--tar", tar(), "--deep"});
  EXPECT_EQ(found.exit_code, 3);
  EXPECT_THAT(found.out, HasSubstr("corrupt: " + place + "@" + blob(100'000).str()));
  EXPECT_THAT(found.out, HasSubstr("corrupt: " + place + "@" + one_.str()));
  copy_to(place + "/fresh");
  EXPECT_EQ(verify({place + "/fresh:v1", "--tar", tar(), "--deep"}).exit_code, 0)
      << "who sends a blob is not given a file that has its name";
  // Another repository has a link to the same file.
  for (const std::string& repository : {place, place + "/again"})
    expect_repaired({repository + ":v1", "--tar", tar(), "--deep", "--repair"},
                    {repository + "@" + blob(100'000).str() + ": it was corrupt",
                     repository + "@" + one_.str() + ": it was corrupt"});
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 0);
}

// It takes the blob once more, and throws it away since it has one.
TEST_F(RepairTest, TellsOfARegistryThatKeepsWhatIsDamaged) {
  const test::DockerRegistry docker(dir_, "docker");
  const std::string place = docker.address() + "/dst";
  copy_to(place);
  const std::string hex = blob(100'000).hex();
  damage(dir_ / "docker/docker/registry/v2/blobs/sha256" / hex.substr(0, 2) / hex / "data", 777);
  const auto result = verify({place + ":v1", "--tar", tar(), "--deep", "--repair"});
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.out, HasSubstr("corrupt: " + place + "@sha256:" + hex));
  EXPECT_THAT(result.out, HasSubstr("the place keeps what it has"));
  EXPECT_THAT(result.out, Not(HasSubstr("repaired:")));
  std::filesystem::remove(dir_ / "docker/docker/registry/v2/blobs/sha256" / hex.substr(0, 2) / hex /
                          "data");
  expect_repaired({place + ":v1", "--tar", tar(), "--deep", "--repair"},
                  {place + "@sha256:" + hex + ": it was missing"});
}

// ---- files -------------------------------------------------------------------------------------

TEST_F(RepairTest, ReplacesDamagedBlobsOfALayout) {
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-layout", path("l")}));
  damage(dir_ / "l/blobs/sha256" / blob(100'000).hex(), 777);
  std::filesystem::remove(dir_ / "l/blobs/sha256" / blob(50'000).hex());
  expect_repaired(
      {path("l"), "--tar", tar(), "--deep", "--repair"},
      {blob(100'000).str() + ": it was corrupt", blob(50'000).str() + ": it was missing"});
}

TEST_F(RepairTest, RepairsALayoutThatCanNotEvenBeRead) {
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-layout", path("l")}));
  damage(dir_ / "l/blobs/sha256" / one_.hex(), 7);
  expect_repaired({path("l"), "--tar", tar(), "--repair"}, {path("l") + ": it was corrupt"});
}

TEST_F(RepairTest, WritesDamagedBlobsOfAnArchiveWhereTheyLie) {
  const std::string right = test::read_text(tar());
  test::write_text(dir_ / "bad.tar", right);
  for (const std::size_t size : {100'000U, 50'000U})
    damage(dir_ / "bad.tar", right.find(layer(size)) + 77);
  expect_repaired({path("bad.tar"), "--tar", tar(), "--deep", "--repair"},
                  {blob(100'000).str(), blob(50'000).str()});
  EXPECT_EQ(test::read_text(dir_ / "bad.tar"), right);
}

TEST_F(RepairTest, SaysHowToReplaceAnArchiveThatCanNotBeWrittenInPlace) {
  test::write_text(dir_ / "cut.tar", test::read_text(tar()).substr(0, 50'000));
  const auto cut = verify({path("cut.tar"), "--tar", tar(), "--repair"});
  EXPECT_EQ(cut.exit_code, 3);
  EXPECT_THAT(cut.out, HasSubstr("--resume takes from FILE what is right in it"));
  std::string text = test::read_text(tar());
  const std::string right = text;
  text[text.find(layer(100'000)) + 77] ^= 1;
  test::write_text(dir_ / "bad.tar", text);
  EXPECT_DONE(test::run({"gzip", "-k", path("bad.tar")}));
  const auto packed = verify({path("bad.tar.gz"), "--tar", tar(), "--deep", "--repair"});
  EXPECT_EQ(packed.exit_code, 3) << packed.err;
  EXPECT_THAT(packed.out, HasSubstr("compressed or in volumes can not be written in place"));
  // As it says.
  EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar",
                    path("bad.tar"), "--resume"}));
  EXPECT_EQ(test::read_text(dir_ / "bad.tar"), right);
}

// ---- pruning -----------------------------------------------------------------------------------

TEST_F(RepairTest, RemovesNothingWithoutYes) {
  copy_to(far());
  test::put_image(far_.storage(), "dst", {"other"}, "other");
  const auto result = verify({far(), "--tar", tar(), "--prune"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("extra: " + far() + ":other"));
  EXPECT_THAT(result.out, HasSubstr("nothing was removed: -y removes what is extra (1)"));
  EXPECT_TRUE(far_.storage().find_tag("dst", "other"));
}

TEST_F(RepairTest, RemovesTagsThatNobodyHasAskedForWithWhatTheyLeadTo) {
  copy_to(far());
  const auto other = test::put_image(far_.storage(), "dst", {"other"}, "other");
  far_.storage().put_tag("dst", "same", other);
  const auto result = verify({far(), "--tar", tar(), "--prune", "-y"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("removed: " + far() + ":other"));
  EXPECT_THAT(result.out, HasSubstr("removed: " + far() + ":same"));
  EXPECT_FALSE(far_.storage().find_tag("dst", "other"));
  EXPECT_FALSE(far_.storage().find_manifest("dst", other));
  EXPECT_DONE(tote({"pull", "-q", "-b", far() + ":v1", "-o", path("out")}));
}

// What cosign would have attached to a wanted image.
TEST_F(RepairTest, RemovesTheTagAloneWhereAnotherOneLeadsThereToo) {
  copy_to(far());
  const std::string signature = oci::digest_tag(one_) + ".sig";
  const auto signed_by = test::put_image(far_.storage(), "dst", {"signature"}, signature);
  far_.storage().put_tag("dst", "mine", signed_by);
  const auto result = verify({far(), "--tar", tar(), "--prune", "-y"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_FALSE(far_.storage().find_tag("dst", "mine"));
  EXPECT_EQ(far_.storage().find_tag("dst", signature), signed_by);
}

TEST_F(RepairTest, TellsOfARegistryThatRemovesNoTagAlone) {
  copy_to(far());
  const std::string signature = oci::digest_tag(one_) + ".sig";
  far_.storage().put_tag("dst", "mine",
                         test::put_image(far_.storage(), "dst", {"signature"}, signature));
  far_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.method == "DELETE" && head.path.ends_with("/mine")
               ? std::optional(testregistry::Response{405})
               : std::nullopt;
  });
  const auto result = verify({far(), "--tar", tar(), "--prune", "-y"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("removes no tag alone"));
  EXPECT_TRUE(far_.storage().find_tag("dst", "mine"));
}

TEST_F(RepairTest, RemovesImagesAndStrayBlobsOfALayout) {
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-layout", path("l")}));
  test::put_image(near_.storage(), "src/more", {layer(60'000)}, "v1");
  EXPECT_DONE(
      tote({"copy", "-q", "-i", near_.address() + "/src/more:v1", "--to-layout", path("l")}));
  const std::string stray = oci::Digest::of("stray").hex();
  test::write_text(dir_ / "l/blobs/sha256" / stray, "stray");
  const auto before = test::read_tree(dir_ / "l");
  EXPECT_EQ(verify({path("l"), "--tar", tar(), "--prune"}).exit_code, 3);
  EXPECT_EQ(test::read_tree(dir_ / "l"), before);
  const auto result = verify({path("l"), "--tar", tar(), "--prune", "-y"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("removed: sha256:" + stray));
  EXPECT_THAT(result.out, HasSubstr("removed: " + near_.address() + "/src/more@"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "l/blobs/sha256" / stray));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "l/blobs/sha256" / blob(60'000).hex()));
  EXPECT_EQ(verify({path("l"), "--tar", tar(), "--deep"}).exit_code, 0);
}

// What such an entry needs can not be told.
TEST_F(RepairTest, KeepsTheBlobsOfALayoutThatNamesOtherThings) {
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-layout", path("l")}));
  const std::string thing = oci::Digest::of("thing").hex();
  test::write_text(dir_ / "l/blobs/sha256" / thing, "thing");
  std::string index = test::read_text(dir_ / "l/index.json");
  const std::size_t list = index.find("\"manifests\":[") + 13;
  index.insert(
      list,
      fmt::format(R"({{"mediaType":"application/x","digest":"sha256:{}","size":5}},)", thing));
  test::write_text(dir_ / "l/index.json", index);
  EXPECT_EQ(verify({path("l"), "--tar", tar(), "--prune", "-y"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "l/blobs/sha256" / thing));
}

TEST_F(RepairTest, RefusesWhatMakesNoSense) {
  for (const Strings& arguments : std::vector<Strings>{
           {far(), "--repair"}, {far(), "--prune"}, {tar(), "--tar", tar(), "--prune", "-y"}})
    EXPECT_EQ(verify(arguments).exit_code, 1);
  EXPECT_THAT(verify({tar(), "--tar", tar(), "--prune"}).err,
              HasSubstr("hint: copy what should be in it to another one"));
}

}  // namespace
}  // namespace tote

// Copies by way of files: archives of both formats, layout directories, resuming, locks.
#include "base/text.h"
#include "oci/digest.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tote {
namespace {

using test::random_bytes;
using test::read_text;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using test::write_text;

class Archives : public testing::Test {
 protected:
  Archives() {
    auto& storage = source_.storage();
    for (unsigned i = 0; i < 3; ++i)
      images_.push_back(test::put_image(storage, fmt::format("src/app{}", i), {layer(i)}));
    nested_ = test::put_bundle(storage, "src/nested", test::images_lock({image(2)})).str();
    bundle_ = test::put_bundle(
                  storage, "src/bundle",
                  test::images_lock({image(0), image(1), source("src/nested@") + nested_}), "v1")
                  .str();
  }

  // The larger, the earlier it is copied.
  static std::string layer(unsigned number) { return random_bytes(300'000 - number, number); }
  static std::string blob_of(const std::string& bytes) {
    return "/blobs/" + oci::Digest::of(bytes).str();
  }
  std::string source(const std::string& rest) const { return source_.address() + "/" + rest; }
  std::string destination(const std::string& rest) const {
    return destination_.address() + "/" + rest;
  }
  std::string image(std::size_t i) const {
    return source(fmt::format("src/app{}@{}", i, images_[i].str()));
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  test::ProgramResult copy(std::vector<std::string> more) {
    more.insert(more.begin(), {"copy", "--tty"});
    return tote(more);
  }
  test::ProgramResult to_tar(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"-b", source("src/bundle:v1"), "--to-tar", path(file)});
    return copy(more);
  }

  // The blob of `number` is answered with an error that nobody tries again.
  void break_layer(unsigned number) {
    source_.interceptor().replace(
        [blob = blob_of(layer(number))](
            const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (!head.path.ends_with(blob)) return std::nullopt;
          return testregistry::Response{404};
        });
  }
  void mend() { source_.interceptor().replace(nullptr); }
  // How many of the three large layers were asked for.
  std::size_t layers_asked_for() {
    std::size_t count = 0;
    for (const std::string& request : source_.interceptor().requests())
      for (unsigned i = 0; i < 3; ++i)
        if (request.starts_with("GET ") && request.ends_with(blob_of(layer(i)))) ++count;
    return count;
  }

  void expect_bundle_at(const std::string& repository) {
    for (const std::string& digest : {bundle_, nested_, images_[0].str(), images_[2].str()})
      EXPECT_TRUE(destination_.storage().find_manifest(repository, oci::Digest::parse(digest)))
          << digest;
    for (unsigned i = 0; i < 3; ++i)
      EXPECT_TRUE(destination_.storage().find_blob(repository, oci::Digest::of(layer(i)))) << i;
  }

  TempDir dir_;
  TestRegistry source_;
  TestRegistry destination_;
  std::vector<oci::Digest> images_;
  std::string nested_;
  std::string bundle_;
};

TEST_F(Archives, ResumeTakesWhatAFailedRunHasLeft) {
  EXPECT_DONE(to_tar("whole.tar"));
  for (const char* concurrency : {"1", "8"}) {
    break_layer(2);
    const auto failed = to_tar("a.tar", {"--concurrency", "1"});
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_NE(failed.err.find("hint: the layers that have arrived are kept: --resume goes on"),
              std::string::npos)
        << failed.err;
    EXPECT_FALSE(std::filesystem::exists(dir_ / "a.tar"));
    mend();
    source_.interceptor().forget_requests();
    const auto resumed = to_tar("a.tar", {"--resume", "--concurrency", concurrency});
    EXPECT_DONE(resumed);
    // What else was on its way when one broke depends on timing.
    EXPECT_THAT(resumed.err,
                testing::ContainsRegex("[1-4] layers? (is|are) there from an earlier run\n"));
    EXPECT_LT(layers_asked_for(), 3U);
    EXPECT_TRUE(read_text(dir_ / "a.tar") == read_text(dir_ / "whole.tar"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "a.tar.part"));
    std::filesystem::remove(dir_ / "a.tar");
  }
}

TEST_F(Archives, ResumeTakesTheLayersOfAnOlderArchive) {
  EXPECT_DONE(to_tar("a.tar"));
  const auto added = test::put_image(source_.storage(), "src/app3", {"new"});
  test::put_bundle(source_.storage(), "src/bundle",
                   test::images_lock({image(0), image(1), source("src/app3@") + added.str()}),
                   "v1");
  EXPECT_DONE(to_tar("fresh.tar"));
  source_.interceptor().forget_requests();
  const auto resumed = to_tar("a.tar", {"--resume"});
  EXPECT_DONE(resumed);
  EXPECT_THAT(resumed.err, testing::HasSubstr("2 layers are there from an earlier run"));
  EXPECT_EQ(layers_asked_for(), 0U);
  EXPECT_TRUE(read_text(dir_ / "a.tar") == read_text(dir_ / "fresh.tar"));
}

TEST_F(Archives, ResumeTakesTheWholeLayersOfAnArchiveThatIsCutShort) {
  EXPECT_DONE(to_tar("whole.tar"));
  const std::string whole = read_text(dir_ / "whole.tar");
  write_text(dir_ / "a.tar", whole.substr(0, whole.size() / 2));
  source_.interceptor().forget_requests();
  EXPECT_DONE(to_tar("a.tar", {"--resume"}));
  EXPECT_EQ(layers_asked_for(), 2U);
  EXPECT_TRUE(read_text(dir_ / "a.tar") == whole);
}

TEST_F(Archives, ResumeBelievesNothing) {
  EXPECT_DONE(to_tar("whole.tar"));
  const std::string whole = read_text(dir_ / "whole.tar");
  std::string damaged = whole;
  damaged[damaged.find(layer(0)) + 100'000] ^= 1;
  write_text(dir_ / "a.tar", damaged);
  write_text(dir_ / "a.tar.part", damaged);
  source_.interceptor().forget_requests();
  EXPECT_DONE(to_tar("a.tar", {"--resume"}));
  EXPECT_EQ(layers_asked_for(), 1U);
  EXPECT_TRUE(read_text(dir_ / "a.tar") == whole);
}

TEST_F(Archives, ResumeLeavesWhatIsNoArchiveAlone) {
  write_text(dir_ / "a.tar", "no archive");
  const auto refused = to_tar("a.tar", {"--resume"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("Reading previously created tar '" + path("a.tar") + "'"),
            std::string::npos)
      << refused.err;
  EXPECT_EQ(read_text(dir_ / "a.tar"), "no archive");
}

TEST_F(Archives, ResumeWithoutAnEarlierRunIsARun) {
  const auto done = to_tar("a.tar", {"--resume"});
  EXPECT_DONE(done);
  EXPECT_EQ(done.out.find("reuse"), std::string::npos) << done.out;
}

TEST_F(Archives, ALockKeepsItsAnnotationsAndItsOrderOnTheWay) {
  const std::string head = "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n";
  const auto line = [](const std::string& annotation, const std::string& reference) {
    return fmt::format("- annotations:\n    for: {}\n  image: {}\n", annotation, reference);
  };
  write_text(dir_ / "lock.yml", head + line("second", image(1)) + line("first", image(0)) +
                                    line("again", image(1)) + "kind: ImagesLock\n");
  const auto there = [&](std::size_t i) { return destination("dst/all@") + images_[i].str(); };
  const std::string wanted = head + line("second", there(1)) + line("first", there(0)) +
                             line("again", there(1)) + "kind: ImagesLock\n";
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> ways = {
      {{"--to-tar", path("a.tar"), "--lock-output", path("tar.yml")}, {"--tar", path("a.tar")}},
      {{"--to-tar", path("b.tar"), "--tar-format", "oci"}, {"--tar", path("b.tar")}},
      {{"--to-layout", path("layout")}, {"--layout", path("layout")}}};
  for (const auto& [out, in] : ways) {
    std::vector<std::string> first = {"--lock", path("lock.yml")};
    first.insert(first.end(), out.begin(), out.end());
    EXPECT_DONE(copy(first));
    std::vector<std::string> second = {"--to-repo", destination("dst/all"), "--lock-output",
                                       path("out.yml")};
    second.insert(second.end(), in.begin(), in.end());
    EXPECT_DONE(copy(second));
    EXPECT_EQ(read_text(dir_ / "out.yml"), wanted);
  }
  EXPECT_EQ(read_text(dir_ / "tar.yml"), read_text(dir_ / "lock.yml"))
      << "of an archive: where the images came from";
}

TEST_F(Archives, ABundleTravelsByEveryFormat) {
  EXPECT_DONE(to_tar("a.tar"));
  EXPECT_DONE(to_tar("oci.tar", {"--tar-format", "oci"}));
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  EXPECT_DONE(copy({"--tar", path("oci.tar"), "--to-layout", path("from-tar")}));
  EXPECT_DONE(copy({"--layout", path("layout"), "--to-tar", path("again.tar")}));
  EXPECT_TRUE(read_text(dir_ / "again.tar") == read_text(dir_ / "a.tar"))
      << "everything that imgpkg's archive says survives a layout";
  source_.interceptor().forget_requests();
  for (const char* flag_and_file :
       {"--tar a.tar", "--tar oci.tar", "--layout layout", "--tar layout", "--layout from-tar"}) {
    const auto words = split(flag_and_file, ' ');
    const std::string repository = "dst/" + words[1];
    EXPECT_DONE(copy({words[0], path(words[1]), "--to-repo", destination(repository),
                      "--lock-output", path("lock.yml")}));
    expect_bundle_at(repository);
    EXPECT_EQ(read_text(dir_ / "lock.yml"),
              fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: {}@{}\n"
                          "  tag: v1\nkind: BundleLock\n",
                          destination(repository), bundle_));
    EXPECT_TRUE(destination_.storage().find_tag(
        repository,
        fmt::format("sha256-{}.image-locations.imgpkg", oci::Digest::parse(bundle_).hex())));
  }
  EXPECT_TRUE(source_.interceptor().requests().empty());
}

TEST_F(Archives, ALayoutHoldsWhatSeveralCopiesBrought) {
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  source_.interceptor().forget_requests();
  EXPECT_DONE(copy({"-b", source("src/nested@") + nested_, "--to-layout", path("layout")}));
  EXPECT_EQ(layers_asked_for(), 0U) << "it is there";
  EXPECT_DONE(copy({"--layout", path("layout"), "--to-repo", destination("dst/all")}));
  expect_bundle_at("dst/all");
  const auto lock = copy({"--layout", path("layout"), "--to-repo", destination("dst/all"),
                          "--lock-output", path("lock.yml")});
  EXPECT_EQ(lock.exit_code, 1);
  EXPECT_NE(lock.err.find("Unable to determine correct root bundle"), std::string::npos);
  const auto pull = tote({"pull", "--layout", path("layout"), "-o", path("out")});
  EXPECT_EQ(pull.exit_code, 1);
  EXPECT_NE(pull.err.find("hint: name one of these with -b or -i: "), std::string::npos)
      << pull.err;
  EXPECT_DONE(
      tote({"pull", "--layout", path("layout"), "-b", source("src/bundle:v1"), "-o", path("out")}));
}

TEST_F(Archives, ADamagedBlobOfALayoutIsWrittenAnew) {
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  const auto blob = dir_ / "layout/blobs/sha256" / oci::Digest::of(layer(1)).hex();
  write_text(blob, layer(1).replace(7, 1, "x"));
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  EXPECT_TRUE(read_text(blob) == layer(1));
}

TEST_F(Archives, ALayoutDoesNotMixWithOtherFiles) {
  write_text(dir_ / "mine/notes.txt", "x");
  const auto refused = copy({"-b", source("src/bundle:v1"), "--to-layout", path("mine")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("it is no OCI image layout, but has a 'notes.txt'"), std::string::npos)
      << refused.err;
}

TEST_F(Archives, ALayoutOutlivesAKilledCopy) {
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  const std::vector<std::string> left = {"layout/blobs/sha256/.upload-abcdef",  // by 0.1.0
                                         "layout/ingest/blob-sha256-abcdef",
                                         "layout/ingest/index-1"};
  for (const std::string& name : left) write_text(dir_ / name, "half");
  std::filesystem::remove(dir_ / "layout/oci-layout");
  std::filesystem::remove(dir_ / "layout/index.json");
  EXPECT_DONE(copy({"-b", source("src/bundle:v1"), "--to-layout", path("layout")}));
  for (const std::string& name : left) EXPECT_FALSE(std::filesystem::exists(dir_ / name)) << name;
  EXPECT_FALSE(std::filesystem::exists(dir_ / "layout/ingest"));
  EXPECT_DONE(copy({"--layout", path("layout"), "--to-repo", destination("dst/all")}));
}

TEST_F(Archives, ALockSpeaksOnlyOfWhatItNamed) {
  write_text(dir_ / "lock.yml", test::images_lock({image(0)}));
  EXPECT_DONE(copy({"--lock", path("lock.yml"), "--to-layout", path("layout")}));
  EXPECT_DONE(copy({"-i", image(1), "--to-layout", path("layout")}));
  EXPECT_DONE(copy({"--layout", path("layout"), "--to-repo", destination("dst/all"),
                    "--lock-output", path("out.yml")}));
  for (const std::size_t i : {0U, 1U})
    EXPECT_THAT(read_text(dir_ / "out.yml"),
                testing::HasSubstr(destination("dst/all@") + images_[i].str()));
}

TEST_F(Archives, APartThatIsReadIsNoPartToBeWritten) {
  EXPECT_DONE(to_tar("b.tar.part"));
  const std::string before = read_text(dir_ / "b.tar.part");
  EXPECT_EQ(copy({"--layout", path("b.tar.part"), "--to-tar", path("b.tar")}).exit_code, 1);
  EXPECT_TRUE(read_text(dir_ / "b.tar.part") == before);
}

TEST_F(Archives, WritingDoesNotDestroyWhatIsRead) {
  std::filesystem::create_directory(dir_ / "x");
  EXPECT_DONE(to_tar("x/a.tar"));
  EXPECT_DONE(copy({"--tar", path("x/a.tar"), "--to-layout", path("layout")}));
  const auto before = test::read_tree(dir_.path());
  for (const std::vector<std::string>& command : {
           std::vector<std::string>{"pull", "--layout", path("layout"), "-o", path("layout")},
           {"pull", "--tar", path("x/a.tar"), "-o", path("x")},
           {"copy", "--layout", path("layout"), "--to-tar", path("layout/index.json")},
           {"copy", "--tar", path("x/a.tar"), "--to-repo", destination("dst/x"), "--lock-output",
            path("x/a.tar")},
           {"copy", "-i", image(0), "--to-tar", path("n.tar"), "--lock-output", path("n.tar")},
           {"copy", "--layout", path("x/a.tar"), "--to-repo", destination("dst/x"), "--lock-output",
            path("x/a.tar")},
           {"copy", "--layout", path("layout"), "--to-repo", destination("dst/x"), "--lock-output",
            path("layout/index.json")},
       })
    EXPECT_EQ(tote(command).exit_code, 1) << command[0] << " " << command.back();
  EXPECT_EQ(test::read_tree(dir_.path()), before);
}

TEST_F(Archives, AreWhatPullReadsToo) {
  EXPECT_DONE(to_tar("a.tar"));
  EXPECT_DONE(tote({"pull", "-r", "-b", source("src/bundle:v1"), "-o", path("registry")}));
  source_.interceptor().forget_requests();
  const auto pulled = tote({"pull", "--tty", "-r", "--tar", path("a.tar"), "-o", path("archive")});
  EXPECT_DONE(pulled);
  EXPECT_EQ(test::read_tree(dir_ / "archive"), test::read_tree(dir_ / "registry"));
  EXPECT_DONE(tote({"pull", "--tar", path("a.tar"), "-b", source("src/nested@") + nested_, "-o",
                    path("nested")}));
  const auto none = tote({"pull", "--tar", path("a.tar"), "-i", "else.where/app", "-o", path("x")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.err.find("has no image 'else.where/app:latest'"), std::string::npos) << none.err;
  EXPECT_TRUE(source_.interceptor().requests().empty());
}

}  // namespace
}  // namespace tote

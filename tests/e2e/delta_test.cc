// Archives with only what is new: copy --since, as a user types it.
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote {
namespace {

using test::tote;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

// Two versions of a bundle; of its two images one is the same in both.
class DeltaTest : public testing::Test {
 protected:
  DeltaTest() {
    const std::string same = image("same", 1);
    put_version("v1", {same, image("one", 2)});
    put_version("v2", {same, image("two", 3)});
    EXPECT_DONE(copy({"-b", source("v1"), "--to-tar", path("1.tar")}));
  }

  std::string image(const std::string& name, unsigned seed) {
    const auto digest = test::put_image(near_.storage(), "src/" + name, {layer(seed)});
    return fmt::format("{}/src/{}@{}", near_.address(), name, digest.str());
  }
  static std::string layer(unsigned seed) { return test::random_bytes(500'000, seed); }
  void put_version(const std::string& tag, const Strings& images) {
    digests_[tag] =
        test::put_bundle(near_.storage(), "src/bundle", test::images_lock(images), tag).str();
  }

  std::string source(const std::string& tag) const {
    return near_.address() + "/src/bundle:" + tag;
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string far(const std::string& name) const { return far_.address() + "/" + name; }
  static test::ProgramResult copy(const Strings& arguments) {
    Strings words = {"copy", "-q"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return tote(words);
  }
  test::ProgramResult delta_since(const std::string& base) {
    return copy({"-b", source("v2"), "--to-tar", path("2.tar"), "--since", base});
  }
  std::string digest_at(const std::string& reference) const {
    return tote({"tag", "resolve", "-i", reference}).out;
  }
  void expect_applied(const std::string& to) {
    EXPECT_DONE(copy({"--tar", path("2.tar"), "--to-repo", far(to)}));
    EXPECT_THAT(digest_at(far(to) + ":v2"), HasSubstr(digests_["v2"]));
    const auto verified = tote({"verify", "-q", far(to) + ":v2", "--deep"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
  std::map<std::string, std::string> digests_;
};

TEST_F(DeltaTest, HoldsOnlyWhatIsNewAndIsWholeWhereItsBaseIs) {
  const auto made = delta_since(path("1.tar"));
  EXPECT_DONE(made);
  EXPECT_THAT(
      made.err,
      HasSubstr("left out of the archive, since the far side has it: 488.3 KiB in 1 layer"));
  EXPECT_LT(std::filesystem::file_size(path("2.tar")), 550'000U);
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-repo", far("dst")}));
  near_.interceptor().forget_requests();
  const auto looked = copy({"--tar", path("2.tar"), "--to-repo", far("dst"), "--dry-run"});
  EXPECT_EQ(looked.exit_code, 0) << looked.out;
  EXPECT_TRUE(near_.interceptor().requests().empty()) << "its origin is not asked";
  expect_applied("dst");
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-layout", path("l")}));
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--to-layout", path("l")}));
  EXPECT_EQ(tote({"verify", "-q", path("l"), "--deep"}).exit_code, 0);
}

TEST_F(DeltaTest, IsRefusedWithAListWhereItsBaseIsMissing) {
  EXPECT_DONE(delta_since(path("1.tar")));
  near_.interceptor().forget_requests();
  for (const Strings& target : {Strings{"--to-repo", far("dst")}, Strings{"--to-layout", path("l")},
                                Strings{"--to-tar", path("3.tar")}}) {
    const auto refused = target[0] == "--to-tar"
                             ? copy({"--layout", path("2.tar"), target[0], target[1]})
                             : copy({"--tar", path("2.tar"), target[0], target[1]});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("lacks 1 of the blobs that it builds on: " +
                                       oci::Digest::of(layer(1)).str()));
  }
  const auto looked = copy({"--tar", path("2.tar"), "--to-repo", far("dst"), "--dry-run"});
  EXPECT_EQ(looked.exit_code, 3) << looked.err;
  EXPECT_THAT(looked.out, HasSubstr("@" + oci::Digest::of(layer(1)).str()));
  EXPECT_EQ(far_.interceptor().count("P"), 0U) << "before anything moves";
  EXPECT_TRUE(near_.interceptor().requests().empty()) << "its origin is not asked";
}

TEST_F(DeltaTest, IsMadeSinceWhateverSaysWhatTheFarSideHas) {
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-repo", far("dst")}));
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-layout", path("l")}));
  EXPECT_DONE(tote({"inventory", far("dst"), "-o", path("have.json")}));
  EXPECT_DONE(tote({"inventory", far("dst"), "-o", path("have.json.zst")}));
  EXPECT_DONE(tote({"pull", "-q", "-b", source("v1"), "-o", path("pulled")}));
  test::write_text(path("spaced.json"), " \n" + test::read_text(path("have.json")));
  test::write_text(path("lock.yml"), "# " + std::string(2000, '-') + "\n" +
                                         test::read_text(path("pulled/.imgpkg/images.yml")));
  for (const std::string& base :
       {far("dst"), far("dst:v1"), path("l"), path("have.json"), path("have.json.zst"),
        path("pulled/.imgpkg/images.yml"), path("spaced.json"), path("lock.yml")}) {
    EXPECT_DONE(delta_since(base));
    EXPECT_LT(std::filesystem::file_size(path("2.tar")), 550'000U) << base;
    expect_applied("dst");
  }
}

TEST_F(DeltaTest, IsAWholeArchiveWhereNothingIsLeftOut) {
  test::put_image(near_.storage(), "src/other", {"other"}, "v1");
  EXPECT_DONE(delta_since(near_.address() + "/src/other:v1"));
  EXPECT_DONE(copy({"-b", source("v2"), "--to-tar", path("whole.tar")}));
  EXPECT_TRUE(test::read_text(path("2.tar")) == test::read_text(path("whole.tar")));
}

// Bundles of files, which are one layer.
class DeltaOfFilesTest : public DeltaTest {
 protected:
  void push_files(const std::string& tag) {
    const auto pushed =
        tote({"push", "-q", "-b", near_.address() + "/src/files:" + tag, "-f", path("files")});
    EXPECT_DONE(pushed);
  }
  std::string files(const std::string& tag) const { return near_.address() + "/src/files:" + tag; }
  static std::string digest_of(const std::string& reference) {
    const std::string resolved = tote({"tag", "resolve", "-i", reference}).out;
    return resolved.substr(resolved.find('@'));
  }
  // The bundle's lock, and text that makes a bundle of this size.
  void write_files(std::size_t bytes) {
    std::filesystem::create_directories(path("files/.imgpkg"));
    test::write_text(path("files/.imgpkg/images.yml"), test::images_lock({image("one", 2)}));
    std::string text;
    while (text.size() < bytes)
      text += fmt::format("name-{0}: value {1}\n", text.size(), text.size() * 2654435761U % 99991);
    test::write_text(path("files/config.yml"), text);
  }
};

TEST_F(DeltaOfFilesTest, CarriesTheLineThatHasChangedAndNotTheRestOfTheBundle) {
  write_files(test::environment("TOTE_LONG_TESTS").empty() ? 2U << 20U : 20U << 20U);
  push_files("v1");
  std::string text = test::read_text(path("files/config.yml"));
  text.replace(text.find('\n', text.size() / 2) + 1, 4, "NAME-OF-ANOTHER");
  test::write_text(path("files/config.yml"), text);
  push_files("v2");
  EXPECT_DONE(copy({"-b", files("v1"), "--to-tar", path("1.tar")}));
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-repo", far("dst")}));
  const std::string digest = digest_of(files("v2"));
  EXPECT_DONE(tote({"inventory", far("dst"), "-o", path("have.json")}));
  for (const std::string& base : {path("1.tar"), far("dst:v1"), files("v1"), path("have.json")}) {
    const auto made = copy({"-b", files("v2"), "--to-tar", path("2.tar"), "--since", base});
    EXPECT_DONE(made);
    EXPECT_THAT(made.err, HasSubstr("to be made again of earlier layers: ")) << base;
    EXPECT_LE(std::filesystem::file_size(path("2.tar")), 64U << 10U) << base;
  }
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--to-repo", far("dst")}));
  EXPECT_EQ(digest_of(far("dst:v2")), digest);
  EXPECT_EQ(tote({"verify", "-q", far("dst:v2"), "--deep"}).exit_code, 0);
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--tar", path("1.tar"), "--to-repo", far("both")}));
  EXPECT_EQ(digest_of(far("both:v2")), digest);
  const auto before_it_leaves = tote({"verify", "-q", path("2.tar"), "--deep"});
  EXPECT_EQ(before_it_leaves.exit_code, 0) << before_it_leaves.out;
  EXPECT_THAT(before_it_leaves.out, HasSubstr("2 layers are left out, since it builds on another"));
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-layout", path("l")}));
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--to-layout", path("l")}));
  EXPECT_EQ(tote({"verify", "-q", path("l"), "--deep"}).exit_code, 0);
  for (const Strings& target :
       {Strings{"--to-repo", far("other")}, Strings{"--to-layout", path("l2")},
        Strings{"--to-tar", path("3.tar")}}) {
    const auto refused =
        copy({target[0] == "--to-tar" ? "--layout" : "--tar", path("2.tar"), target[0], target[1]});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("The archive holds only what was new, and the destination "
                                       "lacks 1 of the blobs that it builds on: sha256:"));
    EXPECT_THAT(refused.err, HasSubstr("hint: copy there first what it was made after (--since)"));
  }
}

TEST_F(DeltaOfFilesTest, RepairsWhatItHasAPatchOf) {
  write_files(200'000);
  push_files("v1");
  test::write_text(path("files/new.yml"), "new\n");
  push_files("v2");
  EXPECT_DONE(copy({"-b", files("v1"), "--to-tar", path("1.tar")}));
  EXPECT_DONE(copy({"-b", files("v2"), "--to-tar", path("2.tar"), "--since", path("1.tar")}));
  EXPECT_DONE(copy({"--tar", path("1.tar"), "--to-repo", far("dst")}));
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--to-repo", far("dst")}));
  const auto layer_of = [&](const std::string& tag) {
    const auto described = tote({"describe", "-q", "-b", files(tag), "-o", "json"});
    return oci::Digest::parse(
        Json::parse(described.out, "description").at("layers").items()[0].at("digest").string());
  };
  ASSERT_TRUE(far_.storage().remove_blob("dst", layer_of("v2")));
  const auto verify = [&](const Strings& more) {
    Strings words = {"verify", "-q", far("dst:v2"), "--deep", "--tar", path("2.tar")};
    words.insert(words.end(), more.begin(), more.end());
    return tote(words);
  };
  EXPECT_EQ(verify({}).exit_code, 3);
  EXPECT_DONE(verify({"--repair"}));
  EXPECT_DONE(verify({}));
  ASSERT_TRUE(far_.storage().remove_blob("dst", layer_of("v2")));
  ASSERT_TRUE(far_.storage().remove_blob("dst", layer_of("v1")));
  EXPECT_EQ(verify({"--repair"}).exit_code, 3) << "nothing is left to make it of";
  EXPECT_DONE(verify({"--repair", "--tar", path("1.tar")}));
  EXPECT_DONE(verify({}));
}

TEST_F(DeltaTest, CanNotBeTakenForAWholeOne) {
  EXPECT_DONE(delta_since(path("1.tar")));
  EXPECT_THAT(test::read_text(path("2.tar")), Not(HasSubstr("manifest.json")));
  std::string text = test::read_text(path("2.tar"));
  const std::string needed = oci::Digest::of(layer(1)).str();
  const std::size_t at = text.find(needed);
  ASSERT_NE(at, std::string::npos);
  text[at + 10] = text[at + 10] == 'a' ? 'b' : 'a';
  test::write_text(path("bad.tar"), text);
  const auto refused = copy({"--tar", path("bad.tar"), "--to-repo", far("dst")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("tote.delta does not say what is left out of it"));
}

TEST_F(DeltaTest, IsWholeTogetherWithItsBase) {
  EXPECT_DONE(delta_since(path("1.tar")));
  near_.interceptor().forget_requests();
  EXPECT_DONE(copy({"--tar", path("2.tar"), "--tar", path("1.tar"), "--to-repo", far("dst")}));
  EXPECT_TRUE(near_.interceptor().requests().empty());
  for (const char* version : {"v1", "v2"}) {
    EXPECT_THAT(digest_at(far("dst:") + version), HasSubstr(digests_[version]));
    EXPECT_EQ(tote({"verify", "-q", far("dst:") + version, "--deep"}).exit_code, 0);
  }
  EXPECT_EQ(tote({"verify", far("dst"), "--tar", path("1.tar"), "--tar", path("2.tar")}).exit_code,
            0);
  const auto lock = copy({"--tar", path("1.tar"), "--tar", path("2.tar"), "--to-repo", far("dst"),
                          "--lock-output", path("lock.yml")});
  EXPECT_EQ(lock.exit_code, 1);
  EXPECT_THAT(lock.err, HasSubstr("Unable to determine correct root bundle"));
}

TEST_F(DeltaTest, IsRefusedBesideAnArchiveThatHasItsTagForSomethingElse) {
  put_version("v1", {image("two", 3)});
  EXPECT_DONE(copy({"-b", source("v1"), "--to-tar", path("2.tar")}));
  const auto refused =
      copy({"--tar", path("1.tar"), "--tar", path("2.tar"), "--to-repo", far("dst")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("in archive '" + path("1.tar") + "', and 'sha256:"));
  EXPECT_THAT(refused.err, HasSubstr("in '" + path("2.tar") + "'"));
  EXPECT_EQ(far_.interceptor().count("P"), 0U);
}

TEST_F(DeltaTest, GetsWhatIsMissingFromWhereItCameFromIfThatIsSaid) {
  EXPECT_DONE(delta_since(path("1.tar")));
  const Strings command = {"--tar", path("2.tar"), "--to-repo", far("dst"), "--fetch-missing"};
  Strings look = command;
  look.emplace_back("--dry-run");
  EXPECT_DONE(copy(look));
  near_.interceptor().forget_requests();
  EXPECT_DONE(copy(command));
  EXPECT_THAT(digest_at(far("dst:v2")), HasSubstr(digests_["v2"]));
  EXPECT_EQ(tote({"verify", "-q", far("dst:v2"), "--deep"}).exit_code, 0);
  EXPECT_EQ(near_.interceptor().count("GET /v2/src/same/blobs/"), 1U);
  const auto misused = copy({"-b", source("v1"), "--to-repo", far("dst"), "--fetch-missing"});
  EXPECT_THAT(misused.err, HasSubstr("--fetch-missing can only be used when copying from an"));
}

// There the last one counts, as of every text.
TEST_F(DeltaTest, IsOneArchiveUnderTheNameOfImgpkg) {
  std::filesystem::create_symlink(test::program_path(), path("imgpkg"));
  EXPECT_DONE(test::run({path("imgpkg"), "copy", "--tar", path("none.tar"), "--tar", path("1.tar"),
                         "--to-repo", far("dst")}));
}

}  // namespace
}  // namespace tote

// tote diff, as a user types it.
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class DiffTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  std::string in_registry(const std::string& name) const {
    return registry_.address() + "/" + name;
  }
  // A reference with a digest.
  std::string image(const std::string& name, const std::string& layer,
                    const test::ImageOptions& options = {}) {
    const auto digest = test::put_image(registry_.storage(), name, {layer}, {}, options);
    return fmt::format("{}@{}", in_registry(name), digest.str());
  }
  void push(const std::string& tag, const Strings& images,
            const std::map<std::string, std::string>& files) {
    const std::string directory = "bundle-" + tag;
    test::write_text(dir_ / (directory + "/.imgpkg/images.yml"), test::images_lock(images));
    for (const auto& [name, text] : files) test::write_text(dir_ / (directory + "/" + name), text);
    EXPECT_DONE(tote({"push", "-b", in_registry("app/bundle:" + tag), "-f", path(directory)}));
  }
  static test::ProgramResult diff(const Strings& arguments) {
    Strings words = {"diff"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return tote(words);
  }
  static std::string differences(const Strings& arguments) {
    const auto result = diff(arguments);
    EXPECT_EQ(result.exit_code, 3) << result.err << result.out;
    return result.out;
  }
  static void expect_same(const Strings& arguments) {
    const auto result = diff(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
    EXPECT_EQ(result.out, "no difference\n");
  }
  std::string tar(const std::string& tag) {
    EXPECT_DONE(tote(
        {"copy", "-q", "-b", in_registry("app/bundle:" + tag), "--to-tar", path(tag + ".tar")}));
    return path(tag + ".tar");
  }
  // Two versions of a bundle: one image stays, one changes, one goes, one comes.
  void push_two_versions() {
    const std::string stays = image("app/stays", "stays");
    push("v1", {stays, image("app/web", "web 1"), image("app/old", "old")},
         {{"config/a.yml", "a: 1\nb: 2\n"}, {"config/gone.yml", "gone\n"}, {"same.txt", "same\n"}});
    push("v2", {stays, image("app/web", "web 2"), image("app/new", "new")},
         {{"config/a.yml", "a: 1\nb: 3\n"}, {"config/come.yml", "come\n"}, {"same.txt", "same\n"}});
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(DiffTest, FindsNothingBetweenABundleAndItsCopies) {
  push_two_versions();
  const std::string bundle = in_registry("app/bundle:v1");
  expect_same({bundle, bundle});
  expect_same({bundle, tar("v1")});
  EXPECT_DONE(tote({"copy", "-q", "--tar", path("v1.tar"), "--to-repo", in_registry("far")}));
  EXPECT_DONE(tote({"copy", "-q", "--tar", path("v1.tar"), "--to-layout", path("l")}));
  expect_same({path("v1.tar"), in_registry("far:v1")});
  expect_same({path("l"), path("v1.tar")});
}

TEST_F(DiffTest, ShowsWhatANewVersionBrings) {
  push_two_versions();
  const std::string v1 = tar("v1");
  const std::string v2 = in_registry("app/bundle:v2");
  const std::string text = differences({v1, v2});
  EXPECT_THAT(text, AllOf(HasSubstr("digest: sha256:"), HasSubstr(" -> sha256:"),
                          HasSubstr("image added: " + in_registry("app/new") + " (sha256:"),
                          HasSubstr("image removed: " + in_registry("app/old") + " (sha256:"),
                          HasSubstr("image changed: " + in_registry("app/web") + " (sha256:")));
  EXPECT_THAT(text, AllOf(HasSubstr("file changed: config/a.yml (mode 0600, 10 B)"),
                          HasSubstr("file removed: config/gone.yml (mode 0600, 5 B)"),
                          HasSubstr("file added: config/come.yml (mode 0600, 5 B)"),
                          HasSubstr("file changed: .imgpkg/images.yml")));
  EXPECT_THAT(text, Not(AnyOf(HasSubstr("same.txt"), HasSubstr("app/stays"))));
  EXPECT_THAT(text, HasSubstr("to be moved: "));
}

TEST_F(DiffTest, IsReadByPrograms) {
  push_two_versions();
  const Json json = Json::parse(
      differences({in_registry("app/bundle:v1"), in_registry("app/bundle:v2"), "--json"}), "diff");
  EXPECT_EQ(json.at("same").text(), "false");
  EXPECT_EQ(json.at("before").at("place").string(), in_registry("app/bundle:v1"));
  ASSERT_EQ(json.at("images").items().size(), 3U);
  const Json web = json.at("images").items()[2];
  EXPECT_EQ(web.at("change").string(), "changed");
  EXPECT_EQ(web.at("image").string(), in_registry("app/web"));
  EXPECT_NE(web.at("before").string(), web.at("after").string());
  const Json come = json.at("files").items()[2];
  EXPECT_EQ(come.at("path").string(), "config/come.yml");
  EXPECT_EQ(come.at("after").at("digest").string(), oci::Digest::of("come\n").str());
  EXPECT_FALSE(come.find("before"));
  // Manifest, config and layer of two images and of the bundle, whose configs are the same.
  EXPECT_EQ(json.at("blobs_to_move").number(), 9U);
}

TEST_F(DiffTest, CountsWhatMovingWouldCost) {
  const std::string large = test::random_bytes(200'000, 1);
  push("v1", {image("app/web", large)}, {});
  push("v2", {image("app/web", large, {.architecture = "arm64"})}, {});
  const Json json = Json::parse(
      differences({in_registry("app/bundle:v1"), in_registry("app/bundle:v2"), "--json"}), "diff");
  EXPECT_LT(json.at("bytes_to_move").number(), 5'000U);
}

// ---- patches -----------------------------------------------------------------------------------

TEST_F(DiffTest, WritesAPatchThatPatchReads) {
  const std::map<std::string, std::string> before = {{"changed.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"},
                                                     {"gone/away.txt", "gone"},
                                                     {"emptied.txt", "text\n"},
                                                     {"with blank.txt", "old\n"},
                                                     {"quote\".txt", "old\n"},
                                                     {"umlaut-\xc3\xa4.txt", "old\n"},
                                                     {"line\nbreak.txt", "old"},
                                                     {"same.txt", "same\n"}};
  const std::map<std::string, std::string> after = {
      {"changed.txt", "1\n2\nthree\n4\n5\n6\n7\n8\n9\nten"},
      {"new/file.txt", "new\n"},
      {"emptied.txt", ""},
      {"with blank.txt", "new\n"},
      {"quote\".txt", "new\n"},
      {"umlaut-\xc3\xa4.txt", "new\n"},
      {"line\nbreak.txt", "new\n"},
      {"empty.txt", ""},
      {"same.txt", "same\n"}};
  push("v1", {}, before);
  push("v2", {}, after);
  const std::string patch =
      differences({in_registry("app/bundle:v1"), in_registry("app/bundle:v2"), "--patch"});
  test::write_text(dir_ / "patch", patch);
  EXPECT_DONE(test::run({"patch", "-s", "-p1", "-i", path("patch"), "-d", path("bundle-v1")}));
  for (const auto& [name, text] : after)
    EXPECT_EQ(test::read_text(dir_ / ("bundle-v1/" + name)), text) << name << "\n" << patch;
  EXPECT_FALSE(std::filesystem::exists(path("bundle-v1/gone/away.txt")));
}

TEST_F(DiffTest, SaysOfBinaryFilesThatTheyDiffer) {
  push("v1", {}, {{"a.bin", std::string("a\0b", 3)}, {"run.sh", "echo\n"}});
  push("v2", {}, {{"a.bin", std::string("a\0c", 3)}, {"run.sh", "echo\n"}});
  EXPECT_EQ(differences({in_registry("app/bundle:v1"), in_registry("app/bundle:v2"), "--patch"}),
            "diff --git a/a.bin b/a.bin\nBinary files a/a.bin and b/a.bin differ\n");
}

TEST_F(DiffTest, ShowsModes) {
  push("v1", {}, {{"run.sh", "echo\n"}});
  test::write_text(dir_ / "bundle-v2/run.sh", "echo\n");
  std::filesystem::permissions(dir_ / "bundle-v2/run.sh", std::filesystem::perms::owner_all);
  push("v2", {}, {});
  const Strings both = {in_registry("app/bundle:v1"), in_registry("app/bundle:v2")};
  EXPECT_THAT(differences(both), HasSubstr("file changed: run.sh (mode 0600 -> 0700)"));
  EXPECT_EQ(differences({both[0], both[1], "--patch"}),
            "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n");
}

// ---- locks -------------------------------------------------------------------------------------

TEST_F(DiffTest, ComparesLocksWithoutAskingAnybody) {
  const auto digest = [](const char* text) { return oci::Digest::of(text).str(); };
  test::write_text(dir_ / "old.yml",
                   test::images_lock({"a.io/x/web@" + digest("1"), "a.io/x/old@" + digest("2"),
                                      "a.io/x/here@" + digest("3")}));
  test::write_text(dir_ / "new.yml",
                   test::images_lock({"a.io/x/web@" + digest("4"), "b.io/x/there@" + digest("3")}));
  expect_same({path("old.yml"), path("old.yml")});
  EXPECT_EQ(differences({path("old.yml"), path("new.yml")}),
            fmt::format("image moved: a.io/x/here -> b.io/x/there ({})\n"
                        "image removed: a.io/x/old ({})\n"
                        "image changed: a.io/x/web ({} -> {})\n",
                        digest("3"), digest("2"), digest("1"), digest("4")));
}

TEST_F(DiffTest, ReadsWhatLocksNameIfBytesAreAskedFor) {
  test::write_text(dir_ / "old.yml", test::images_lock({image("app/web", "1")}));
  test::write_text(dir_ / "new.yml", test::images_lock({image("app/web", "2")}));
  EXPECT_THAT(differences({path("old.yml"), path("new.yml")}), Not(HasSubstr("to be moved")));
  EXPECT_THAT(differences({path("old.yml"), path("new.yml"), "--bytes"}), HasSubstr("in 3 blobs"));
}

TEST_F(DiffTest, ComparesABundleWithALock) {
  push_two_versions();
  expect_same({path("bundle-v1/.imgpkg/images.yml"), path("bundle-v1/.imgpkg/images.yml")});
  const std::string text =
      differences({path("bundle-v1/.imgpkg/images.yml"), in_registry("app/bundle:v2")});
  EXPECT_THAT(text, HasSubstr("image changed: " + in_registry("app/web")));
}

// ---- images ------------------------------------------------------------------------------------

TEST_F(DiffTest, ComparesWhatImagesSayOfThemselves) {
  test::write_text(dir_ / "files/x", "x");
  const auto push_image = [&](const std::string& tag, const Strings& flags) {
    Strings words = {"push", "-i", in_registry("app/web:" + tag), "-f", path("files")};
    words.insert(words.end(), flags.begin(), flags.end());
    EXPECT_DONE(tote(words));
  };
  push_image("v1", {"--env", "A=1", "--env", "B=1", "--entrypoint", "/x", "-l", "stays=1"});
  push_image("v2", {"--env", "A=2", "--user", "7", "--entrypoint", "/y", "-l", "stays=1"});
  const std::string text = differences({in_registry("app/web:v1"), in_registry("app/web:v2")});
  EXPECT_THAT(text, AllOf(HasSubstr("env A changed: 1 -> 2\n"), HasSubstr("env B removed: 1\n"),
                          HasSubstr("entrypoint changed: [\"/x\"] -> [\"/y\"]\n"),
                          HasSubstr("user added: 7\n"), Not(HasSubstr("stays"))));
}

TEST_F(DiffTest, ComparesTheFilesOfImagesIfItIsToldTo) {
  const auto put = [&](const std::string& tag, const std::vector<std::string>& layers) {
    test::put_image(registry_.storage(), "app/web", layers, tag);
  };
  const std::string base = test::make_tar({{"etc/a", "a"}, {"etc/b", "b"}, {"opt/c", "c"}});
  put("v1", {base});
  put("v2", {base, test::make_tar({{"etc/.wh.a"},
                                   {"opt/.wh..wh..opq"},
                                   {"opt/d", "d"},
                                   {"etc/link", "", '2', 0777, "b"}})});
  const Strings both = {in_registry("app/web:v1"), in_registry("app/web:v2")};
  EXPECT_THAT(differences(both), Not(HasSubstr("etc/a")));
  EXPECT_THAT(
      differences({both[0], both[1], "--files"}),
      AllOf(HasSubstr("file removed: etc/a"), HasSubstr("file removed: opt/c"),
            HasSubstr("file added: opt/d (mode 0644, 1 B)"),
            HasSubstr("file added: etc/link (symbolic link to b)"), Not(HasSubstr("etc/b "))));
}

TEST_F(DiffTest, ComparesIndexesByPlatform) {
  const auto put = [&](const std::string& tag, const std::string& arm_file) {
    const auto amd =
        test::put_image(registry_.storage(), "app/web", {test::make_tar({{"x", "amd"}})});
    const auto arm =
        test::put_image(registry_.storage(), "app/web", {test::make_tar({{arm_file, "arm"}})}, {},
                        {.architecture = "arm64"});
    test::put_index(registry_.storage(), "app/web", {{amd, "amd64"}, {arm, "arm64"}}, tag);
  };
  put("v1", "x");
  put("v2", "y");
  const Strings both = {in_registry("app/web:v1"), in_registry("app/web:v2")};
  EXPECT_THAT(differences(both),
              AllOf(HasSubstr("image for linux/arm64 changed: sha256:"), Not(HasSubstr("amd64"))));
  EXPECT_THAT(differences({both[0], both[1], "--files", "--platform", "linux/arm64"}),
              HasSubstr("file added: y"));
  const auto unclear = diff({both[0], both[1], "--files"});
  EXPECT_EQ(unclear.exit_code, 1);
  EXPECT_THAT(unclear.err, HasSubstr("it has linux/amd64, linux/arm64"));
}

TEST_F(DiffTest, ShowsTheFilesOfABundleInTheBundle) {
  const auto nested = [&](const std::string& tag, const std::string& text) {
    test::write_text(dir_ / ("inner-" + tag + "/.imgpkg/images.yml"), test::images_lock({}));
    test::write_text(dir_ / ("inner-" + tag + "/inner.yml"), text);
    const auto pushed =
        tote({"push", "-b", in_registry("app/inner:" + tag), "-f", path("inner-" + tag), "--json"});
    return Json::parse(pushed.out, "push").at("bundle").string();
  };
  push("v1", {nested("v1", "1\n")}, {});
  push("v2", {nested("v2", "2\n")}, {});
  EXPECT_THAT(differences({tar("v1"), tar("v2")}),
              HasSubstr("file changed: inner.yml of " + in_registry("app/inner") + " (mode"));
}

// ---- hostile and wrong -------------------------------------------------------------------------

TEST_F(DiffTest, ShowsNamesThatWouldSteerATerminalAsEscapes) {
  test::put_image(registry_.storage(), "app/web", {test::make_tar({{"a\x1b[2J", "1"}})}, "v1");
  test::put_image(registry_.storage(), "app/web", {test::make_tar({{"b", "1"}})}, "v2");
  EXPECT_THAT(differences({in_registry("app/web:v1"), in_registry("app/web:v2"), "--files"}),
              HasSubstr("file removed: a\\x1b[2J"));
}

TEST_F(DiffTest, RefusesNamesThatLeadOut) {
  test::put_image(registry_.storage(), "app/web", {test::make_tar({{"../x", "1"}})}, "v1");
  test::put_image(registry_.storage(), "app/web", {test::make_tar({{"b", "1"}})}, "v2");
  const auto result = diff({in_registry("app/web:v1"), in_registry("app/web:v2"), "--files"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("entry '../x': its name leads out of the image"));
}

TEST_F(DiffTest, SaysWhatItCanNotCompare) {
  push("v1", {}, {});
  const std::string bundle = in_registry("app/bundle:v1");
  for (const std::string& other :
       {std::string("-"), in_registry("app/bundle:none"), path("none.tar"), bundle + "//x"})
    EXPECT_EQ(diff({bundle, other}).exit_code, 1) << other;
  EXPECT_EQ(diff({bundle}).exit_code, 1);
}

}  // namespace
}  // namespace tote

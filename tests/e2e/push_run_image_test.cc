// Images to be run: what push makes of the flags, as other tools read it.
#include "base/json.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace tote {
namespace {

using test::ProgramResult;
using test::TempDir;
using test::tote;
using test::write_text;
using Strings = std::vector<std::string>;

class PushRunImage : public testing::Test {
 protected:
  // A root file system that only its owner could use, had it imgpkg's modes.
  PushRunImage() {
    write_text(dir_ / "root/etc/config", "x");
    std::filesystem::create_directories(dir_ / "root/data");
    std::filesystem::create_directory(dir_ / "root/bin");
    std::filesystem::copy_file("/bin/busybox", dir_ / "root/bin/busybox");
    for (const char* name : {"root/bin", "root/bin/busybox", "root/data", "root/etc"})
      ::chmod((dir_ / name).c_str(), 0755);
    ::chmod((dir_ / "root/etc/config").c_str(), 0644);
    ::chmod((dir_ / "root").c_str(), 0700);
  }

  std::string at(const std::string& name) const { return registry_.address() + "/" + name; }
  ProgramResult sh(const std::string& script) {
    return test::run({"sh", "-ec", script},
                     {.directory = dir_.path(), .environment = {{"HOME", dir_.path().string()}}});
  }
  ProgramResult push(const Strings& more) {
    Strings arguments = {"push", "--registry-anon"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tote(arguments, {.directory = dir_.path()});
  }
  std::string digest_of(const Strings& more) {
    Strings arguments = more;
    arguments.push_back("--json");
    const auto pushed = push(arguments);
    EXPECT_DONE(pushed);
    return Json::parse(pushed.out, "result").at("digest").string();
  }
  // The config as skopeo reads it.
  Json config(const std::string& place) {
    const auto read = sh("skopeo inspect --config --raw --tls-verify=false " + place);
    EXPECT_DONE(read);
    return Json::parse(read.out, "config");
  }

  TempDir dir_;
  test::TestRegistry registry_;
};

const Strings& all_flags() {
  static const Strings kFlags = {
      "-f",        "root",        "--entrypoint", "/bin/busybox", "--cmd",     "touch",
      "--cmd",     "/data/a, b",  "--env",        "A=1,2",        "--env",     "B=",
      "--user",    "65532:65532", "--expose",     "5000,53/udp",  "--volume",  "/data",
      "--workdir", "/data",       "--platform",   "linux/amd64",  "--created", "@1700000000",
      "--chown",   "data=65532",  "--labels",     "title=app"};
  return kFlags;
}

Strings with_all_flags(Strings first) {
  first.insert(first.end(), all_flags().begin(), all_flags().end());
  return first;
}

TEST_F(PushRunImage, IsReadByOthersAsItWasMeant) {
  EXPECT_DONE(push(with_all_flags({"-i", at("some/app:v1")})));
  const auto pushed = push(with_all_flags({"-i", "some/app:v1", "--to-layout", "layout"}));
  EXPECT_DONE(pushed);
  EXPECT_THAT(pushed.out, testing::ContainsRegex("^Pushed 'index.docker.io/some/app@sha256:[0-9a-f]"
                                                 "{64}' to 'layout'\n$"));
  for (const std::string& place : {"docker://" + at("some/app:v1"), std::string("oci:layout:v1")}) {
    const Json read = config(place);
    EXPECT_EQ(read.at("os").string() + "/" + read.at("architecture").string(), "linux/amd64");
    EXPECT_EQ(read.at("created").string(), "2023-11-14T22:13:20Z");
    EXPECT_EQ(read.at("config").text(),
              R"({"Cmd":["touch","/data/a, b"],"Entrypoint":["/bin/busybox"],"Env":["A=1,2","B="],)"
              R"("ExposedPorts":{"5000/tcp":{},"53/udp":{}},"Labels":{"title":"app"},)"
              R"("User":"65532:65532","Volumes":{"/data":{}},"WorkingDir":"/data"})");
  }
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --src-tls-verify=false docker://{} "
                     "oci:copied:v1\n"
                     "for layout in layout copied; do\n"
                     "  umoci unpack --rootless --image $layout:v1 $layout-out >/dev/null 2>&1\n"
                     "  cmp $layout-out/rootfs/bin/busybox /bin/busybox\n"
                     "  test \"$(stat -c %a $layout-out/rootfs/bin/busybox)\" = 755\n"
                     "  grep -q '\"/bin/busybox\",' $layout-out/config.json\n"
                     "  grep -q '\"uid\": 65532' $layout-out/config.json\n"
                     "done\n"
                     "diff -r layout/blobs copied/blobs",
                     at("some/app:v1"))));
}

TEST_F(PushRunImage, RunsAsItsUserWhoCanWriteWhereHeShould) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs chroot";
  EXPECT_DONE(push(with_all_flags({"-i", "some/app:v1", "--to-layout", "layout"})));
  EXPECT_DONE(
      sh("umoci unpack --image layout:v1 out >/dev/null 2>&1\n"
         "test \"$(stat -c '%a %u:%g' out/rootfs/data)\" = '755 65532:65532'\n"
         "test \"$(stat -c '%a %u:%g' out/rootfs/etc)\" = '755 0:0'\n"
         "chroot --userspec=65532:65532 out/rootfs /bin/busybox touch '/data/a, b'\n"
         "if chroot --userspec=65532:65532 out/rootfs /bin/busybox touch /etc/a; then exit 1; fi\n"
         "test -e 'out/rootfs/data/a, b'"));
}

TEST_F(PushRunImage, IsTheSameWhereverItIsMadeAndWhereverItGoes) {
  const std::string digest = digest_of(with_all_flags({"-i", at("some/app:v1")}));
  EXPECT_DONE(
      sh("cp -r root other && chmod 755 other\n"
         "chmod 755 other/bin other/bin/busybox other/data other/etc\n"
         "chmod 644 other/etc/config\n"
         "find other -exec touch -d @0 {} +\n"
         "mv root gone && mv other root"));
  EXPECT_EQ(digest_of(with_all_flags({"-i", at("some/other:v2")})), digest);
  EXPECT_EQ(digest_of(with_all_flags({"-i", "x.example/app:v3", "--to-layout", "layout"})), digest);
}

TEST_F(PushRunImage, IsForThisMachineIfNothingElseIsSaid) {
  EXPECT_DONE(push({"-i", "some/app:v1", "-f", "root", "--entrypoint", "/bin/busybox",
                    "--to-layout", "layout"}));
  const Json read = config("oci:layout:v1");
  EXPECT_EQ(read.at("os").string() + "/" + read.at("architecture").string(),
            Json::parse(tote({"version", "--json"}).out, "version").at("platform").string());
  EXPECT_EQ(read.at("created").string(), "0001-01-01T00:00:00Z");
}

TEST_F(PushRunImage, LeavesOtherImagesAsTheyWere) {
  write_text(dir_ / "plain/f", "content");
  EXPECT_EQ(digest_of({"-i", at("some/app:v1"), "-f", "plain"}),
            "sha256:767e9bac4c2a9b109f4a21d7921f3da934ec3c0b8796895d4407300f91db220c");
}

TEST_F(PushRunImage, IsNotTheOnlyOneThatOthersReadInALayout) {
  write_text(dir_ / "plain/f", "content");
  const Strings v1 = {"-i", "some/app:v1", "-f", "plain", "--to-layout", "layout"};
  const std::string digest = digest_of(v1);
  EXPECT_EQ(digest_of({"-i", "some/app:v2", "-f", "plain", "--to-layout", "layout"}), digest);
  EXPECT_DONE(
      sh("skopeo inspect oci:layout:v1 >/dev/null\n"
         "skopeo copy --insecure-policy -q oci:layout:v2 oci:copied:v2\n"
         "umoci stat --image layout:v1 >/dev/null"));
  EXPECT_DONE(tote({"copy", "--layout", (dir_ / "layout").string(), "--to-repo", at("got/it")}));
  EXPECT_EQ(registry_.storage().find_tag("got/it", "v1")->str(), digest);
}

TEST_F(PushRunImage, TakesThePlaceOfAnEarlierOneOfItsNameInALayout) {
  EXPECT_DONE(push({"-i", "a.example/app:v1", "-f", "root", "--to-layout", "layout"}));
  EXPECT_DONE(
      push({"-i", "a.example/app:v1", "-f", "root", "--user", "7", "--to-layout", "layout"}));
  EXPECT_EQ(Json::parse(test::read_text(dir_ / "layout/index.json"), "index")
                .items_of("manifests")
                .size(),
            1U);
  EXPECT_EQ(config("oci:layout:v1").at("config").at("User").string(), "7");
}

struct Wrong {
  const char* name;
  Strings arguments;
  const char* complaint;
};
class WrongRunImage : public PushRunImage, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongRunImage, IsOneClearSentenceAndMakesNothing) {
  const auto result = push(GetParam().arguments);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, testing::HasSubstr(fmt::format("tote: Error: {}", GetParam().complaint)));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "layout"));
}

Strings image(Strings more) {
  more.insert(more.begin(), {"-i", "a.io/bb", "-f", "root", "--to-layout", "layout"});
  return more;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongRunImage,
    testing::Values(
        Wrong{"Entrypoint", image({"--entrypoint", ""}), "--entrypoint: expected the name of a "},
        Wrong{"Array", image({"--cmd", "[a]"}), "--cmd: expected a JSON array of strings, got "},
        Wrong{"Env", image({"--env", "A"}), "--env: expected KEY=VALUE, got 'A'\n"},
        Wrong{"EnvTwice", image({"--env", "A=1", "--env", "A=2"}), "--env: 'A' is given twice\n"},
        Wrong{"User", image({"--user", ""}), "--user: expected USER or USER:GROUP, got ''\n"},
        Wrong{"Port", image({"--expose", "99999"}),
              "--expose: expected a port from 1 to 65535, got '99999'\n"},
        Wrong{"PortRange", image({"--expose", "80-90"}),
              "--expose: expected a port from 1 to 65535, got '80-90'\nhint: name each port of a "
              "range\n"},
        Wrong{"Volume", image({"--volume", "data"}),
              "--volume: expected an absolute path, got 'data'\n"},
        Wrong{"Workdir", image({"--workdir", "."}),
              "--workdir: expected an absolute path, got '.'\n"},
        Wrong{"Platform", image({"--platform", "linux/x86_64"}),
              "--platform: unknown architecture 'x86_64'\nhint: images call it 'amd64'\n"},
        Wrong{"Created", image({"--created", "1700000000"}),
              "--created: expected a time like 2024-05-06T07:08:09Z, or @ and seconds since 1970, "
              "got '1700000000'\nhint: seconds are written '@1700000000'\n"},
        Wrong{"Chown", image({"--chown", "65532"}),
              "--chown: expected PATH=UID or PATH=UID:GID, got '65532'\n"},
        Wrong{"ChownOfNothing", image({"--chown", "nope=1"}), "the image has no '/nope'\n"},
        Wrong{"BundleWithAUser",
              {"-b", "a.io/bb", "-f", "root", "--user", "1"},
              "Flag --user can only be used with --image (-i)\n"},
        Wrong{"BundleForAPlatform",
              {"-b", "a.io/bb", "-f", "root", "--platform", "linux/amd64"},
              "Flag --platform can only be used with --image (-i)\n"},
        Wrong{"Dash",
              {"-i", "a.io/bb", "-f", "root", "--to-layout", "-"},
              "--to-layout does not take '-'"},
        Wrong{"EmptyPort", image({"--expose", ""}),
              "--expose: expected a port from 1 to 65535, got ''\n"},
        Wrong{"EmptyLayout",
              {"-i", "a.io/bb", "-f", "root", "--to-layout", ""},
              "--to-layout: expected a directory, got ''\n"},
        Wrong{
            "EmptyIndex", {"-i", "a.io/bb", "--index", ""}, "--index: expected an image, got ''\n"},
        Wrong{"NotALayout",
              {"-i", "a.io/bb", "-f", "root", "--to-layout", "root"},
              "Creating layout 'root': it is no OCI image layout, but has a '"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote

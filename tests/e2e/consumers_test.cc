// What was copied and mirrored is pulled by the programs that run it: containerd, podman.
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
using test::write_text;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

// CAP_SYS_ADMIN, which they need to mount what they unpack.
bool may_mount() {
  const std::string status = test::read_text("/proc/self/status");
  const std::size_t at = status.find("CapEff:\t");
  if (at == std::string::npos) return false;
  constexpr unsigned kSysAdmin = 21;
  return (std::stoull(status.substr(at + 8, 16), nullptr, 16) >> kSysAdmin & 1U) != 0;
}

class Consumers : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "needs the right to mount";
    write_text(path("files/greeting"), "hello\n");
    run({"push", "-q", "-i", image_, "-f", "files"});
    write_text(path("list.txt"), image_ + "\n");
    run({"lock", "--images", "list.txt", "-o", "b/.imgpkg/images.yml"});
    run({"push", "-q", "-b", source_.address() + "/b/app:v1", "-f", "b"});
    run({"copy", "-q", "-b", source_.address() + "/b/app:v1", "--to-tar", "app.tar"});
    run({"copy", "-q", "--tar", "app.tar", "--to-repo", moved_, "--to-prefix", prefix_});
    source_.interceptor().forget_requests();
    target_.interceptor().forget_requests();
  }

  void run(const Strings& words) const { EXPECT_DONE(tote(words, {.directory = dir_.path()})); }
  void write_mirrors(const std::string& as, const std::string& output) {
    run({"values", "-b", moved_ + ":v1", "--to-prefix", prefix_, "--as", as, "-o", output});
    source_.interceptor().forget_requests();
  }
  void expect_that_the_mirror_gave_it() {
    EXPECT_EQ(source_.interceptor().requests().size(), 0U);
    EXPECT_GE(target_.interceptor().count("GET"), 3U) << "manifest, config, layer";
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  test::TempDir dir_;
  test::TestRegistry source_;
  test::TestRegistry target_;
  const std::string image_ = source_.address() + "/team/web:1.10";
  const std::string moved_ = target_.address() + "/here/app";
  const std::string prefix_ = target_.address() + "/mirror";
};

TEST_F(Consumers, ContainerdPullsFromTheMirror) {
  write_mirrors("containerd", "certs.d");
  const std::string socket = path("c.sock");
  write_text(path("config.toml"),
             fmt::format("version = 2\nroot = \"{0}/root\"\nstate = \"{0}/state\"\n[grpc]\n"
                         "address = \"{1}\"\n[plugins.\"io.containerd.internal.v1.opt\"]\n"
                         "path = \"{0}/opt\"\n",
                         dir_.path().string(), socket));
  test::Child daemon({"sh", "-c", "exec containerd -c config.toml 2>&1"},
                     {.directory = dir_.path()});
  for (std::string line = "-"; line.find("successfully booted") == std::string::npos;) {
    line = daemon.read_line();
    ASSERT_NE(line, "") << "containerd has ended";
  }
  const auto pulled = test::run({"ctr", "-a", socket, "images", "pull", "--snapshotter", "native",
                                 "--hosts-dir", "certs.d", image_},
                                {.directory = dir_.path()});
  EXPECT_DONE(pulled);
  expect_that_the_mirror_gave_it();
  const auto listed = test::run({"ctr", "-a", socket, "images", "list"});
  EXPECT_THAT(listed.out, HasSubstr(image_));
}

TEST_F(Consumers, PodmanPullsFromTheMirror) {
  write_mirrors("registries.conf", "registries.conf");
  const Strings podman = {"podman",    "--root",           path("root"), "--runroot",
                          path("run"), "--storage-driver", "vfs"};
  const auto with = [&](Strings more) {
    more.insert(more.begin(), podman.begin(), podman.end());
    return test::run(more, {.directory = dir_.path(),
                            .environment = {{"CONTAINERS_REGISTRIES_CONF", path("registries.conf")},
                                            {"HOME", path("home")}}});
  };
  EXPECT_DONE(with({"pull", "-q", image_}));
  expect_that_the_mirror_gave_it();
  const auto digest = with({"image", "inspect", "--format", "{{.Digest}}", image_});
  EXPECT_DONE(digest);
  EXPECT_EQ(digest.out, tote({"tag", "resolve", "-i", image_}).out.substr(image_.rfind(':') + 1));
}

}  // namespace
}  // namespace tote

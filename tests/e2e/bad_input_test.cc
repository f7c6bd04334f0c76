// Bad input gets one clear sentence and exit 1, and leaves nothing half-made.
#include "testregistry/http/error_response.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace tote {
namespace {

namespace tr = testregistry;
using test::make_tar;
using test::ProgramOptions;
using test::ProgramResult;
using test::random_bytes;
using test::TarMember;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using test::write_text;
using Tree = std::map<std::string, std::string>;

class BadInput : public testing::Test {
 protected:
  BadInput() { write_text(dir_ / "out/old", "kept"); }

  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  // Fails, with that text, and the directory is as it was.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& complaint) {
    const Tree before = test::read_tree(dir_.path());
    const ProgramResult result = tote(arguments);
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_NE(result.err.find(complaint), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(test::read_tree(dir_.path()), before);
  }

  void expect_layer_refused(const std::vector<TarMember>& members, const std::string& complaint) {
    test::put_image(registry_.storage(), "src/bad", {make_tar(members)}, "v1");
    expect_refused({"pull", "-i", at("src/bad:v1"), "--overwrite", "-o", path("out")}, complaint);
  }

  TempDir dir_;
  TestRegistry registry_;
};

TEST_F(BadInput, LocksWithUnknownKeysOrTags) {
  write_text(dir_ / "lock", "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nextra: 1\n");
  expect_refused({"copy", "--lock", path("lock"), "--to-tar", path("a.tar")},
                 "unknown field \"extra\"");
  write_text(dir_ / "lock", test::images_lock({"nginx:v1"}));
  expect_refused({"copy", "--lock", path("lock"), "--to-tar", path("a.tar")},
                 "Expected ref to be in digest form, got 'nginx:v1'");
  test::put_bundle(registry_.storage(), "src/b", "kind: [", "v1");
  expect_refused({"copy", "-b", at("src/b:v1"), "--to-tar", path("a.tar")},
                 "Unmarshalling ImagesLock from image with Digest");
}

TEST_F(BadInput, ALockThatNamesWhatIsNotThere) {
  const std::string missing = at("src/none@sha256:" + std::string(64, '0'));
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({missing}), "v1");
  expect_refused({"copy", "-b", at("src/b:v1"), "--to-tar", path("a.tar")},
                 "Checking image existence:\n  GET");
  write_text(dir_ / "lock", test::images_lock({missing}));
  expect_refused({"copy", "--lock", path("lock"), "--to-repo", at("dst/x")}, "NAME_UNKNOWN");
}

TEST_F(BadInput, ARegistryThatServesAnotherDigest) {
  const auto real = test::put_image(registry_.storage(), "src/a", {"x"}, "v1");
  const auto other = test::put_image(registry_.storage(), "src/a", {"y"}, "v2");
  registry_.interceptor().change([=, this](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find(real.str()) == std::string::npos) return;
    response.body =
        std::get<tr::MemoryRange>(registry_.storage().find_manifest("src/a", other)->content);
  });
  write_text(dir_ / "lock", test::images_lock({at("src/a@" + real.str())}));
  expect_refused({"copy", "--lock", path("lock"), "--to-tar", path("a.tar")},
                 "does not match requested digest");
}

TEST_F(BadInput, DamagedArchives) {
  test::put_image(registry_.storage(), "src/a", {random_bytes(100'000, 1)}, "v1");
  ASSERT_EQ(tote({"copy", "-i", at("src/a:v1"), "--to-tar", path("a.tar")}).exit_code, 0);
  const std::string whole = test::read_text(dir_ / "a.tar");
  const std::vector<std::string> import = {"copy", "--tar", path("a.tar"), "--to-repo",
                                           at("dst/x")};
  write_text(dir_ / "a.tar", whole.substr(0, 60'000));
  expect_refused(import, "Reading archive '");
  std::string altered = whole;
  altered[50'000] = static_cast<char>(altered[50'000] ^ 1);
  write_text(dir_ / "a.tar", altered);
  expect_refused(import, "error verifying sha256 checksum");
  write_text(dir_ / "a.tar", make_tar({{"../escape", "x"}}));
  expect_refused(import, "entry '../escape' leads out of it");
  write_text(dir_ / "a.tar", "no tar");
  expect_refused(import, "reading tar:");
  expect_refused({"copy", "--tar", path("none.tar"), "--to-repo", at("dst/x")},
                 "none.tar: no such file or directory");
  EXPECT_FALSE(registry_.storage().find_blob("dst/x", oci::Digest::of(random_bytes(100'000, 1))));
}

TEST_F(BadInput, AnArchiveThatDoesNotSayWhatWasAskedFor) {
  const auto copied =
      tote({"copy", "--tar", std::string(TOTE_TEST_DATA) + "/imgpkg/outer.old.tar", "--to-repo",
            registry_.address() + "/dst/all", "--lock-output", path("lock.yml")});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_NE(copied.err.find("Unable to determine correct root bundle to use for lock-output. hint: "
                            "if copying from a tarball, try re-generating the tarball"),
            std::string::npos)
      << copied.err;
  EXPECT_FALSE(std::filesystem::exists(path("lock.yml")));
  EXPECT_FALSE(registry_.storage().tags("dst/all").empty()) << "the copy itself is done";
}

TEST_F(BadInput, LayersThatLeadOut) {
  expect_layer_refused({{"good", "1"}, {"../evil", "1"}},
                       "entry '../evil' leads out of the output directory");
  expect_layer_refused({{"l", "", '2', 0777, "/tmp"}, {"l/evil", "1"}},
                       "entry 'l/evil' would be written through the symbolic link 'l'");
}

TEST_F(BadInput, WrongKinds) {
  test::put_bundle(registry_.storage(), "src/b", test::images_lock({}), "v1");
  const auto image = test::put_image(registry_.storage(), "src/a", {"x"}, "v1");
  test::put_index(registry_.storage(), "src/a", {{image, "amd64"}}, "index");
  expect_refused(
      {"pull", "-i", at("src/b:v1"), "--overwrite", "-o", path("out")},
      "Expected bundle flag when pulling a bundle (hint: Use -b instead of -i for bundles)");
  expect_refused(
      {"pull", "-b", at("src/a:v1"), "--overwrite", "-o", path("out")},
      "Expected bundle image but found plain image (hint: Did you use -i instead of -b?)");
  expect_refused(
      {"pull", "-i", at("src/a:index"), "--overwrite", "-o", path("out")},
      "Unable to pull non-images, such as image indexes. (hint: provide a specific digest "
      "to the image instead)");
  expect_refused({"copy", "-i", at("src/b:v1"), "--to-tar", path("a.tar")},
                 "Expected bundle flag when copying a bundle");
  expect_refused({"copy", "-b", at("src/a:v1"), "--to-tar", path("a.tar")},
                 "Expected bundle image but found plain image");
}

struct Status {
  int status;
  const char* complaint;
};

TEST_F(BadInput, RegistriesThatRefuse) {
  test::put_image(registry_.storage(), "src/a", {"x"}, "v1");
  for (const Status& row :
       {Status{401, "unexpected status code 401 Unauthorized: incorrect username or password"},
        Status{403, "unexpected status code 403 Forbidden"},
        Status{404, "unexpected status code 404 Not Found"},
        Status{429, "unexpected status code 429 Too Many Requests"},
        Status{500, "unexpected status code 500 Internal Server Error"}}) {
    registry_.interceptor().replace(
        [=](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (head.path == "/v2/") return std::nullopt;
          return tr::Response{
              row.status, {}, row.status == 401 ? "incorrect username or password" : ""};
        });
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"pull", "-i", at("src/a:v1"), "--overwrite", "-o", path("out")},
          std::vector<std::string>{"copy", "-i", at("src/a:v1"), "--to-tar", path("a.tar")},
          std::vector<std::string>{"push", "-i", at("src/a:v2"), "-f", path("out")}}) {
      std::vector<std::string> with_retries = command;
      with_retries.insert(with_retries.end(), {"--registry-retry-count", "2"});
      expect_refused(with_retries, row.complaint);
    }
  }
}

TEST_F(BadInput, RegistriesThatLie) {
  const std::string layer = random_bytes(200'000, 3);
  test::put_image(registry_.storage(), "src/a", {layer}, "v1");
  for (const std::string& lie : {layer.substr(1), layer + "x", random_bytes(200'000, 4)}) {
    registry_.interceptor().change([=](const tr::RequestHead& head, tr::Response& response) {
      if (head.path.find(oci::Digest::of(layer).str()) != std::string::npos) response.body = lie;
    });
    expect_refused({"copy", "-i", at("src/a:v1"), "--to-tar", path("a.tar")}, "error verifying s");
    expect_refused({"pull", "-i", at("src/a:v1"), "--overwrite", "-o", path("out")}, "Error:");
  }
}

TEST_F(BadInput, ARegistryThatIsNotThere) {
  const auto result = tote({"pull", "-i", "127.0.0.1:1/some/app", "-o", path("new")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("Unable to create round tripper"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(dir_ / "new"));
}

TEST_F(BadInput, PlainHttpIsNotSpokenToTheWorld) {
  // The name leads to this machine by way of a proxy: what would be asked is seen there.
  const auto options = [&](const char* scheme) {
    return ProgramOptions{.environment = {{scheme, "http://" + registry_.address()}}};
  };
  registry_.interceptor().replace([](const tr::RequestHead&) { return tr::Response{200}; });
  const auto refused =
      tote({"tag", "list", "-i", "registry.example/some/app"}, options("http_proxy"));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(registry_.interceptor().requests().size(), 0U) << "no request in plain text";
}

class Interrupted : public BadInput {
 protected:
  // Stops the program when it asks for a blob, and expects it to go cleanly.
  void expect_clean_stop(const std::vector<std::string>& arguments, const std::string& at_request) {
    const Tree before = test::read_tree(dir_.path());
    std::vector<std::string> command = arguments;
    command.insert(command.begin(), test::program_path());
    // Shared: the registry may still be looking at it when the program has gone.
    const auto pid = std::make_shared<std::atomic<pid_t>>(0);
    registry_.interceptor().change([=](const tr::RequestHead& head, tr::Response& response) {
      if (head.path.find(at_request) == std::string::npos) return;
      while (*pid == 0) std::this_thread::yield();
      ::kill(*pid, SIGINT);
      test::cut(response, 10);
    });
    test::Child child(command, {});
    *pid = child.pid();
    const ProgramResult result = child.wait();
    EXPECT_EQ(result.exit_code, 130) << result.err;
    // The cut connection may have been seen before the signal.
    EXPECT_THAT(result.err, testing::EndsWith("tote: Error: interrupted\n"));
    EXPECT_EQ(test::read_tree(dir_.path()), before);
  }
};

TEST_F(Interrupted, CopiesAndPullsLeaveNothing) {
  const std::string layer = random_bytes(2'000'000, 5);
  test::put_image(registry_.storage(), "src/a", {layer}, "v1");
  const std::string blob = oci::Digest::of(layer).str();
  expect_clean_stop({"copy", "-i", at("src/a:v1"), "--to-tar", path("a.tar")}, blob);
  expect_clean_stop({"pull", "-i", at("src/a:v1"), "--overwrite", "-o", path("out")}, blob);
}

TEST_F(BadInput, AFullDiskLeavesNothing) {
  test::put_image(registry_.storage(), "src/a", {random_bytes(3'000'000, 5)}, "v1");
  test::put_image(registry_.storage(), "src/f", {make_tar({{"file", random_bytes(3'000'000, 6)}})},
                  "v1");
  std::filesystem::create_directory(dir_ / "small");
  const std::string script = fmt::format(
      "mount -t tmpfs -o size=1m tmpfs {0} && mkdir {0}/out && echo kept >{0}/out/old && "
      "{{ \"$TOTE\" copy -i {1}/src/a:v1 --to-tar {0}/a.tar; echo $?; "
      "\"$TOTE\" pull --overwrite -i {1}/src/f:v1 -o {0}/out; echo $?; find {0} -type f; }}",
      path("small"), registry_.address());
  // A mount namespace alone, so that the registry stays within reach.
  const auto result = test::run({"unshare", "-rm", "sh", "-c", script},
                                {.environment = {{"TOTE", test::program_path()}}});
  EXPECT_EQ(result.out, fmt::format("1\n1\n{}/out/old\n", path("small"))) << result.err;
  EXPECT_NE(result.err.find("no space left on device"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace tote

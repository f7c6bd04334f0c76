// OCI image layout directories as places of every kind: served and written by a registry, beside
// other tools, under kill -9.
#include "archive/archive_reader.h"
#include "base/json.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <thread>

namespace tote {
namespace {

using test::Child;
using test::HttpConnection;
using test::tote;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

class Layouts : public testing::Test {
 protected:
  Layouts() { test::write_text(dir_ / "files/a.txt", "one"); }

  void serve(Strings flags) {
    Strings command{test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    server_ = std::make_unique<Child>(command, test::ProgramOptions{});
    address_ = Json::parse(server_->read_line(), "ready").at("address").string();
  }
  test::ProgramResult stop(int signal = SIGTERM) {
    server_->signal(signal);
    return server_->wait();
  }
  test::ProgramResult sh(const std::string& script) const {
    return test::run({"sh", "-ec", script}, {.directory = dir_.path()});
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  // With OCI's media types, which Debian's skopeo and umoci look for.
  test::ProgramResult push(const std::string& image) const {
    return tote({"push", "-i", image, "-f", path("files"), "--platform", "linux/amd64"});
  }
  std::string tags(const std::string& repository) const {
    return tote({"tag", "list", "-i", address_ + "/" + repository}).out;
  }

  const test::TempDir dir_;
  std::unique_ptr<Child> server_;
  std::string address_;
};

TEST_F(Layouts, AreServedAndWrittenBesideSkopeoAndUmoci) {
  serve({"--layout", "app=" + path("l")});
  EXPECT_DONE(push(address_ + "/app:v1"));
  // What came through the registry, others read, change and add to.
  EXPECT_DONE(
      sh("umoci list --layout l | grep -qx v1\n"
         "skopeo inspect oci:l:v1 >/dev/null\n"
         "skopeo copy --insecure-policy -q oci:l:v1 oci:l:copied\n"
         "umoci new --image l:made\n"
         "umoci unpack --rootless --image l:made bundle >/dev/null 2>&1\n"
         "echo umoci >bundle/rootfs/file\n"
         "umoci repack --image l:made bundle >/dev/null 2>&1"));
  EXPECT_EQ(tags("app"), "copied\nmade\nv1\n");
  EXPECT_DONE(tote({"pull", "-i", address_ + "/app:made", "-o", path("made")}));
  EXPECT_EQ(test::read_text(dir_ / "made/file"), "umoci\n");
  // And what others wrote stays when the registry writes again.
  test::write_text(dir_ / "files/a.txt", "two");
  EXPECT_DONE(push(address_ + "/app:v1"));
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --dest-tls-verify=false oci:l:made "
                     "docker://{}/app:again",
                     address_)));
  EXPECT_EQ(tags("app"), "again\ncopied\nmade\nv1\n");
  EXPECT_EQ(stop().exit_code, 0);
  EXPECT_DONE(
      sh("umoci gc --layout l && umoci unpack --rootless --image l:made b2 >/dev/null 2>&1\n"
         "grep -q umoci b2/rootfs/file && test ! -e l/ingest"));
}

TEST_F(Layouts, ThatUmociMadeAreAddedToAndServed) {
  EXPECT_DONE(sh("umoci init --layout l && umoci new --image l:first"));
  EXPECT_DONE(tote({"push", "-i", "app:second", "-f", path("files"), "--platform", "linux/amd64",
                    "--to-layout", path("l")}));
  EXPECT_DONE(
      sh("skopeo copy --insecure-policy -q oci:l:second oci:l:third\n"
         "test \"$(umoci list --layout l | sort | tr '\\n' ' ')\" = 'first second third '"));
  serve({"--layout", "app=" + path("l"), "--read-only"});
  EXPECT_EQ(tags("app"), "first\nsecond\nthird\n");
  EXPECT_EQ(push(address_ + "/app:v1").exit_code, 1);
  EXPECT_DONE(sh(fmt::format(
      "skopeo copy --insecure-policy -q --src-tls-verify=false docker://{}/app:third oci:back:x",
      address_)));
}

TEST_F(Layouts, TakeCopiesWhileTheyAreServed) {
  test::TestRegistry source;
  test::put_image(source.storage(), "src/app", {"layer"}, "copied");
  serve({"--layout", "app=" + path("l")});
  EXPECT_DONE(tote({"copy", "-i", source.address() + "/src/app:copied", "--to-layout", path("l")}));
  EXPECT_DONE(push(address_ + "/app:v1"));
  EXPECT_EQ(tags("app"), "copied\nv1\n");
  const auto refused = tote({"registry", "gc", "--layout", path("l")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("another process is writing to"));
  EXPECT_THAT(refused.err, HasSubstr("hint: a registry that serves it collects its own garbage"));
}

TEST_F(Layouts, AreTheirImagesNamesWhereNoNameIsGiven) {
  serve({"--layout", path("cache")});
  EXPECT_DONE(push(address_ + "/team/app:v1"));
  EXPECT_DONE(push(address_ + "/cache:v2"));
  EXPECT_EQ(stop().exit_code, 0);
  serve({"--layout", path("cache")});
  EXPECT_EQ(tags("team/app"), "v1\n");
  EXPECT_EQ(tags("cache"), "v2\n");
  const std::string list = tote({"tag", "list", "--layout", path("cache")}).out;
  EXPECT_THAT(list, testing::ContainsRegex("team/app:v1\tsha256:[0-9a-f]+\t[0-9]+\n"));
  EXPECT_THAT(list, testing::ContainsRegex("v2\tsha256:[0-9a-f]+\t[0-9]+\n"));
}

TEST_F(Layouts, LoseWhatDeletesLeaveOnlyWhenCollected) {
  serve({"--layout", "app=" + path("l")});
  EXPECT_DONE(push(address_ + "/app:v1"));
  const Json index = Json::parse(test::read_text(dir_ / "l/index.json"), "index.json");
  const std::string digest = index.items_of("manifests").front().at("digest").string();
  HttpConnection connection(address_);
  EXPECT_EQ(connection.ask("DELETE", "/v2/app/manifests/" + digest)->status, 202);
  EXPECT_THAT(test::read_text(dir_ / "l/index.json"), HasSubstr(R"("manifests":[])"));
  EXPECT_EQ(stop(SIGKILL).exit_code, 128 + SIGKILL);
  test::write_text(dir_ / "l/ingest/blob-sha256-abc", "of a writer that was killed");
  const Strings gc{"registry", "gc", "--layout", path("l"), "--grace", "0s"};
  Strings dry = gc;
  dry.emplace_back("--dry-run");
  EXPECT_THAT(tote(dry).out, HasSubstr("Would remove 0 manifests, 3 blobs"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "l/ingest/blob-sha256-abc"));
  EXPECT_THAT(tote(gc).out, HasSubstr("Removed 0 manifests, 3 blobs"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "l/blobs/sha256"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "l/ingest"));
}

TEST_F(Layouts, SayWhatIsInThem) {
  EXPECT_DONE(tote({"push", "-i", "team/app:v1", "-f", path("files"), "--to-layout", path("l")}));
  test::write_text(dir_ / "files/a.txt", "two");
  EXPECT_DONE(tote({"push", "-i", "team/app:v2", "-f", path("files"), "--to-layout", path("l")}));
  const auto list = tote({"tag", "list", "--layout", path("l")});
  EXPECT_THAT(list.out, testing::ContainsRegex("team/app:v1\tsha256:[0-9a-f]+\t[0-9]+\n"));
  const auto resolved = tote({"tag", "resolve", "--layout", path("l"), "-i", "v2"});
  EXPECT_DONE(resolved);
  EXPECT_THAT(list.out, HasSubstr(resolved.out.substr(0, 71)));
  EXPECT_DONE(tote({"pull", "--layout", path("l"), "-i", "v2", "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/a.txt"), "two");
  const auto unknown = tote({"tag", "resolve", "--layout", path("l"), "-i", "v3"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("hint: name one of these"));
}

TEST_F(Layouts, AreRefusedInOneSentence) {
  test::write_text(dir_ / "mine/notes.txt", "x");
  test::write_text(dir_ / "newer/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  test::write_text(dir_ / "newer/index.json", R"({"schemaVersion":2,"manifests":[]})");
  const std::vector<std::pair<Strings, const char*>> table = {
      {{"--layout", path("mine")}, "it is no OCI image layout, but has a 'notes.txt'"},
      {{"--layout", path("newer")}, "oci-layout says that it is of version '2.0.0'"},
      {{"--dir", path("newer")}, "--layout "},
      {{"--layout", path("none"), "--read-only"}, "without the files oci-layout and index.json"},
      {{"--layout", "a=" + path("x"), "--layout", "a=" + path("y")}, "would be served as 'a'"},
      {{"--layout", "A=" + path("x")}, "'A' is no name of a repository"},
      {{"--layout", path("x"), "--dir", path("y")}, "Expected either --dir or --layout, not both"},
      {{"--layout", path("x"), "--quota", "*=1GiB"}, "Expected --quota only without --layout"},
  };
  for (const auto& [flags, complaint] : table) {
    Strings command{"registry", "serve", "--listen", "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    const auto refused = tote(command);
    EXPECT_EQ(refused.exit_code, 1) << complaint;
    EXPECT_THAT(refused.err, HasSubstr(complaint));
  }
  EXPECT_EQ(test::read_text(dir_ / "newer/oci-layout"), R"({"imageLayoutVersion":"2.0.0"})");
}

// Whatever was acknowledged is there, and whatever is there is whole.
TEST_F(Layouts, OutliveKillsOfTheRegistry) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same kills in every run
  std::map<std::string, std::string> acknowledged;  // tag -> digest
  int number = 0;
  for (int kill = 0; kill < 8; ++kill) {
    serve({"--layout", "app=" + path("l")});
    HttpConnection connection(address_);
    std::thread killer;  // at work once something was acknowledged
    const auto send = [&](const std::string& method, const std::string& target,
                          const std::string& body, const std::string& headers = {}) {
      const auto answer = connection.ask(method, target, body, headers);
      return answer && answer->status == 201;
    };
    for (;; ++number) {
      const std::string layer = fmt::format("layer {}", number);
      const std::string type = "application/vnd.oci.image.manifest.v1+json";
      const std::string manifest = fmt::format(
          R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"application/vnd.oci.)"
          R"(image.config.v1+json","digest":"{}","size":2}},"layers":[{{"mediaType":)"
          R"("application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}]}})",
          type, oci::Digest::of("{}").str(), oci::Digest::of(layer).str(), layer.size());
      const std::string tag = fmt::format("t{}", number % 5);
      const auto upload = [](const std::string& bytes) {
        return "/v2/app/blobs/uploads/?digest=" + oci::Digest::of(bytes).str();
      };
      if (!send("POST", upload("{}"), "{}") || !send("POST", upload(layer), layer)) break;
      // It may have been done though the answer is lost.
      const std::string before = acknowledged[tag];
      acknowledged[tag] = before + "|" + oci::Digest::of(manifest).str();
      if (!send("PUT", "/v2/app/manifests/" + tag, manifest, "Content-Type: " + type + "\r\n"))
        break;
      acknowledged[tag] = oci::Digest::of(manifest).str();
      if (!killer.joinable())
        killer = std::thread([&, time = std::chrono::microseconds(random() % 60'000)] {
          std::this_thread::sleep_for(time);  // the moment is what varies
          server_->signal(SIGKILL);
        });
    }
    ASSERT_TRUE(killer.joinable());
    killer.join();
    server_->wait();
    const archive::ArchiveReader layout(dir_ / "l");
    std::map<std::string, std::string> there;
    for (const oci::CarriedImage& image : layout.contents().images)
      if (!image.tag.empty()) there[image.tag] = image.target.digest.str();
    for (auto& [tag, digests] : acknowledged) {
      if (digests.find('|') == std::string::npos || there.contains(tag)) {
        EXPECT_THAT(digests, HasSubstr(there[tag])) << tag;
        EXPECT_FALSE(there[tag].empty()) << tag;
      }
      digests = there[tag];
    }
    for (const oci::CarriedLayer& layer : layout.contents().layers)
      EXPECT_EQ(
          oci::Digest::of(test::read_text(dir_ / ("l/blobs/sha256/" + layer.blob.digest.hex()))),
          layer.blob.digest);
  }
  EXPECT_GE(number, 8);
}

}  // namespace
}  // namespace tote

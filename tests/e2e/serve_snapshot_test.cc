// What a registry in memory leaves behind: all that can be written, and a word about the rest.
#include "base/json.h"
#include "oci/digest.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tote {
namespace {

using test::Child;
using test::HttpConnection;
using test::run;
using test::tote;
using testing::HasSubstr;

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

std::string named(const std::string& media_type, const std::string& bytes) {
  return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}"}})", media_type, bytes.size(),
                     oci::Digest::of(bytes).str());
}

class ServeSnapshot : public testing::Test {
 protected:
  void serve(const std::vector<std::string>& flags) {
    std::vector<std::string> command{test::program_path(), "registry", "serve", "--listen",
                                     "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    server_ = std::make_unique<Child>(command, test::ProgramOptions{});
    address_ = Json::parse(server_->read_line(), "ready").at("address").string();
  }
  test::ProgramResult stop() {
    server_->signal(SIGTERM);
    return server_->wait();
  }

  void put_blob(const std::string& bytes) {
    EXPECT_EQ(
        HttpConnection(address_)
            .ask("POST", "/v2/app/blobs/uploads/?digest=" + oci::Digest::of(bytes).str(), bytes)
            ->status,
        201);
  }
  void put_manifest(const std::string& reference, const std::string& bytes, const char* type) {
    EXPECT_EQ(HttpConnection(address_)
                  .ask("PUT", "/v2/app/manifests/" + reference, bytes,
                       fmt::format("Content-Type: {}\r\n", type))
                  ->status,
              201);
  }
  void remove(const std::string& what) {
    EXPECT_EQ(HttpConnection(address_).ask("DELETE", "/v2/app/" + what)->status, 202);
  }
  // An image of that config and one layer; returns its manifest.
  std::string put_image(const std::string& reference, const std::string& config,
                        const std::string& layer,
                        const char* config_type = "application/vnd.oci.image.config.v1+json") {
    put_blob(config);
    put_blob(layer);
    std::string manifest = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})", kManifest,
        named(config_type, config), named("application/vnd.oci.image.layer.v1.tar", layer));
    put_manifest(reference.empty() ? oci::Digest::of(manifest).str() : reference, manifest,
                 kManifest);
    return manifest;
  }

  // The tags of the images in the snapshot, "-" for one without, sorted.
  std::vector<std::string> tags_in_snapshot() const {
    const auto index = run({"tar", "-xOf", snapshot_, "index.json"});
    std::vector<std::string> tags;
    for (const Json& entry : Json::parse(index.out, "index").items_of("manifests")) {
      const auto annotations = entry.string_map("annotations");
      const auto name = annotations.find("org.opencontainers.image.ref.name");
      tags.push_back(name == annotations.end() ? "-" : name->second);
    }
    std::sort(tags.begin(), tags.end());
    return tags;
  }

  const test::TempDir dir_;
  const std::string snapshot_ = (dir_ / "snapshot.tar").string();
  std::unique_ptr<Child> server_;
  std::string address_;
};

TEST_F(ServeSnapshot, HoldsOneImageForOnePush) {
  serve({"--snapshot", snapshot_});
  test::write_text(dir_ / "files/config.yml", "setting: 1\n");
  EXPECT_DONE(tote({"push", "-i", address_ + "/app:v1", "-f", (dir_ / "files").string()}));
  EXPECT_EQ(stop().exit_code, 0);
  EXPECT_EQ(tags_in_snapshot(), std::vector<std::string>{"v1"});
}

TEST_F(ServeSnapshot, HoldsWhatIsWholeAndNamesTheRest) {
  serve({"--snapshot", snapshot_});
  put_image("good", "{}", "layer");
  const std::string child = put_image("", "{} ", "of the child");
  put_image("no-layer", "{}  ", "gone layer");
  put_image("no-config", "{}   ", "layer");
  const std::string index =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})", kIndex,
                  named(kManifest, child));
  put_manifest("no-child", index, kIndex);
  remove("manifests/" + oci::Digest::of(child).str());
  remove("blobs/" + oci::Digest::of("gone layer").str());
  remove("blobs/" + oci::Digest::of("{}   ").str());
  const auto ended = stop();
  EXPECT_EQ(ended.exit_code, 1);
  for (const auto& [tag, why] :
       {std::pair<const char*, std::string>{
            "no-child", fmt::format("manifest '{}' is not there", oci::Digest::of(child).str())},
        {"no-layer", "is not there"},
        {"no-config", "config"}}) {
    EXPECT_THAT(ended.err, HasSubstr(fmt::format("({}): ", tag)));
    EXPECT_THAT(ended.err, HasSubstr(why));
  }
  EXPECT_EQ(tags_in_snapshot(), std::vector<std::string>{"good"});
}

TEST_F(ServeSnapshot, HoldsArtifactsWithLargeConfigs) {
  serve({"--snapshot", snapshot_});
  const std::string config = test::random_bytes(5'000'000, 1);
  put_image("model", config, "layer", "application/vnd.example.model");
  EXPECT_EQ(stop().exit_code, 0);
  serve({"--preload", snapshot_});
  EXPECT_TRUE(
      HttpConnection(address_).ask("GET", "/v2/app/blobs/" + oci::Digest::of(config).str())->body ==
      config);
  EXPECT_EQ(HttpConnection(address_).ask("GET", "/v2/app/manifests/model")->status, 200);
}

TEST_F(ServeSnapshot, DoesNotMakeAFailedCommandSucceed) {
  const auto result = tote({"registry", "serve", "--listen", "127.0.0.1:0", "--snapshot", snapshot_,
                            "--", "sh", "-c", "exit 5"});
  EXPECT_EQ(result.exit_code, 5);
}

}  // namespace
}  // namespace tote

#include "bundle/image_config.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

const oci::Digest& diff_id() {
  static const oci::Digest kDigest = oci::Digest::of(std::string_view("layer"));
  return kDigest;
}

TEST(ImageConfig, HasEverythingThatWasSaidInGosOrder) {
  ImageSettings settings;
  settings.platform = {"linux", "arm64", "v8"};
  settings.created = "2024-05-06T07:08:09Z";
  settings.entrypoint = {"/app"};
  settings.cmd = {"serve", "<a>"};
  settings.env = {"B=1", "A=2"};
  settings.user = "65532";
  settings.exposed_ports = {"80/tcp", "53/udp"};
  settings.volumes = {"/data", "/cache"};
  settings.working_dir = "/data";
  EXPECT_EQ(
      encode_image_config(diff_id(), {{"b", "2"}, {"a", "1"}}, settings),
      R"({"architecture":"arm64","created":"2024-05-06T07:08:09Z","history":[{"author":"tote",)"
      R"("created":"2024-05-06T07:08:09Z","created_by":"tote"}],"os":"linux","rootfs":{"type":)"
      R"("layers","diff_ids":[")" +
          diff_id().str() +
          R"("]},"config":{"Cmd":["serve","\u003ca\u003e"],"Entrypoint":["/app"],"Env":["B=1",)"
          R"("A=2"],"Labels":{"a":"1","b":"2"},"User":"65532","Volumes":{"/cache":{},"/data":{}},)"
          R"("WorkingDir":"/data","ExposedPorts":{"53/udp":{},"80/tcp":{}}},"variant":"v8"})");
}

TEST(ImageConfig, WithoutSettingsIsImgpkgs) {
  EXPECT_EQ(encode_image_config(diff_id(), {{"a", "1"}}, {}),
            R"({"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"author":"imgpkg",)"
            R"("created":"0001-01-01T00:00:00Z","created_by":"imgpkg"}],"os":"","rootfs":{"type":)"
            R"("layers","diff_ids":[")" +
                diff_id().str() + R"("]},"config":{"Labels":{"a":"1"}}})");
}

}  // namespace
}  // namespace tote::bundle

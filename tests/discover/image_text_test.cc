#include "bundle/discover/image_text.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tote::bundle::discover {
namespace {

std::vector<std::string> texts_of(const std::vector<TextImage>& images, std::string_view text) {
  std::vector<std::string> texts;
  for (const TextImage& image : images) texts.emplace_back(text.substr(image.offset, image.length));
  return texts;
}

TEST(NamesOfSettings, SayWhetherTheyAreImages) {
  for (const char* name : {"image", "--acme-http01-solver-image", "STRIMZI_KAFKA_IMAGES",
                           "sidecarImage", "proxy_image", "REPORTS_CONTROLLER_IMAGE",
                           "REGISTRY_IMAGE", "RELATED_IMAGE_PROXY", "initContainerImage"})
    EXPECT_TRUE(setting_is_image(name)) << name;
  for (const char* name :
       {"", "imagePullPolicy", "IMAGE_PULL_SECRETS", "--image-endpoint", "IMAGE_REGISTRY", "repo",
        "--image-gc-high-threshold", "image-repository", "config"})
    EXPECT_FALSE(setting_is_image(name)) << name;
}

TEST(NamesOfSettings, SayWhetherTheyAreOtherArtifacts) {
  for (const char* name : {"--db-repository", "TRIVY_JAVA_DB_REPOSITORY", "--rules", "wasmModule"})
    EXPECT_TRUE(setting_is_artifact(name)) << name;
  for (const char* name : {"", "PLUGIN_IMAGE", "--listen", "rulesImage"})
    EXPECT_FALSE(setting_is_artifact(name)) << name;
}

struct SettingCase {
  const char* name;
  const char* value;
  std::vector<std::string> images;
};

class Settings : public testing::TestWithParam<SettingCase> {};

TEST_P(Settings, NameImages) {
  const SettingCase& param = GetParam();
  EXPECT_EQ(texts_of(images_in_setting(param.name, param.value), param.value), param.images)
      << param.name << ": " << param.value;
}

INSTANTIATE_TEST_SUITE_P(
    Named, Settings,
    testing::Values(
        SettingCase{"--x-image", "--x-image=a/b:1", {"a/b:1"}},
        SettingCase{"IMAGE", "busybox:1.36", {"busybox:1.36"}}, SettingCase{"IMAGE", "busybox", {}},
        SettingCase{"BASE_IMAGE", "quay.io/prometheus/prometheus", {}},
        SettingCase{
            "IMAGES", "4.0=q.io/k:1-4.0\n4.1=q.io/k:1-4.1\n", {"q.io/k:1-4.0", "q.io/k:1-4.1"}},
        SettingCase{"IMAGES", "a/b:1,c/d:2; e/f:3", {"a/b:1", "c/d:2", "e/f:3"}},
        SettingCase{"IMAGES", R"({"a":"r.io/x:1","b":["r.io/y:2"]})", {"r.io/x:1", "r.io/y:2"}},
        SettingCase{"IMAGE", "docker://r.io/x:1", {"r.io/x:1"}},
        SettingCase{"IMAGE", "${REGISTRY}app:1.0", {}}, SettingCase{"IMAGE", "app:1.0-$(ARCH)", {}},
        SettingCase{"IMAGE", "{{ .image }}:1.0", {}},
        SettingCase{"IMAGE_SOURCE", "registry.local:5000", {}},
        SettingCase{"IMAGE_TIME", "10:30", {}},
        SettingCase{"IMAGE_URL", "https://example.com/a:1", {}}));

INSTANTIATE_TEST_SUITE_P(
    Others, Settings,
    testing::Values(
        SettingCase{"--reloader", "--reloader=quay.io/x/y:v1", {"quay.io/x/y:v1"}},
        SettingCase{"", "localhost:5000/x:1", {"localhost:5000/x:1"}},
        SettingCase{"", "10.0.0.1/x:1", {"10.0.0.1/x:1"}},
        SettingCase{"", "run it: crane export quay.io/x/y:v1. Done", {"quay.io/x/y:v1"}},
        SettingCase{"", "kubectl run x --image=nginx:1.27 -- sh", {"nginx:1.27"}},
        SettingCase{"X", "grafana/loki:3", {}}, SettingCase{"X", "quay.io/x/y", {}},
        SettingCase{"--listen", "0.0.0.0:8080", {}},
        SettingCase{"--selector", "kubernetes.io/os:linux", {}},
        SettingCase{"--zone", "topology.kubernetes.io/zone:a", {}},
        SettingCase{"--group", "gateway.networking.k8s.io/x:y", {}},
        SettingCase{"--image-less", "registry.k8s.io/pause:3.9", {"registry.k8s.io/pause:3.9"}},
        SettingCase{"--taint", "node.cilium.io/agent-not-ready:NoSchedule", {}},
        SettingCase{"--kind", "apps.example.com/v1beta1:Widget", {}},
        SettingCase{"--mount", "config.d/file:ro", {}}, SettingCase{"--mount", "v1.2/file:3", {}},
        SettingCase{"", "see https://quay.io/x/y:1", {}},
        SettingCase{"", "/etc/x.conf:1 ./a.b/c:2", {}}));

TEST(ImagesInLines, AreThoseOfKeysThatSayImage) {
  const std::string text =
      "image: r.io/a:1\n"
      "  - image: 'b:2'  # a comment\n"
      "\"proxyImage\": \"r.io/c:3\",\n"
      "helper_image = \"d:4\"\n"
      "{\"image\":\"r.io/e:5\",\"other\":\"r.io/f:6\"}\n"
      "image: {{ .Values.image }}\n"
      "note: r.io/g:7\n"
      "imagePullPolicy: r.io/h:8\n"
      "image: nothing\n";
  EXPECT_THAT(texts_of(images_in_lines(text), text),
              testing::ElementsAre("r.io/a:1", "b:2", "r.io/c:3", "d:4", "r.io/e:5"));
}

}  // namespace
}  // namespace tote::bundle::discover

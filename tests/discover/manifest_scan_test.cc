#include "bundle/discover/manifest_scan.h"

#include "base/error.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> found_in(std::string_view text) {
  return texts_of(scan_manifests(text, "m.yaml").discovery().images);
}

constexpr const char* kPod = R"(
    initContainers: [{name: i, image: r.io/init:1}]
    containers:
    - name: app
      image: nginx
      args: [--sidecar-image=r.io/side:2, --port=8080]
      env: [{name: PROXY_IMAGE, value: 'r.io/proxy:3'}, {name: X, value: r.io/other:4}]
    ephemeralContainers: [{name: e, image: r.io/debug:5}]
    volumes: [{name: v, image: {reference: r.io/volume:6, pullPolicy: Always}}]
)";

std::string pod_at(const std::vector<std::string>& keys) {
  std::string text = "{containers: [{name: a, image: busybox}]}";
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) text = "{" + *key + ": " + text + "}";
  return text.substr(1, text.size() - 2);
}

TEST(ManifestScan, FindsAllThatAPodNames) {
  EXPECT_THAT(found_in("apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec:" +
                       std::string(kPod)),
              ElementsAre("docker.io/library/nginx R2 high", "r.io/debug:5 R2 high",
                          "r.io/init:1 R2 high", "r.io/other:4 R4 medium", "r.io/proxy:3 R4 medium",
                          "r.io/side:2 R4 medium", "r.io/volume:6 R2 high"));
}

TEST(ManifestScan, KnowsWhereEachKindHasItsPods) {
  const std::vector<std::string> below_template{"spec", "template", "spec"};
  for (const auto& [api, kind, keys] :
       {std::tuple("v1", "Pod", std::vector<std::string>{"spec"}),
        {"v1", "ReplicationController", below_template},
        {"v1", "PodTemplate", {"template", "spec"}},
        {"apps/v1", "Deployment", below_template},
        {"apps/v1", "DaemonSet", below_template},
        {"apps/v1", "StatefulSet", below_template},
        {"apps/v1", "ReplicaSet", below_template},
        {"batch/v1", "Job", below_template},
        {"batch/v1", "CronJob", {"spec", "jobTemplate", "spec", "template", "spec"}}}) {
    const std::string text =
        std::string("{apiVersion: ") + api + ", kind: " + kind + ", " + pod_at(keys) + "}";
    EXPECT_THAT(found_in(text), ElementsAre("docker.io/library/busybox R2 high")) << text;
  }
  EXPECT_THAT(
      found_in("{apiVersion: argoproj.io/v1, kind: Rollout, " + pod_at(below_template) + "}"),
      ElementsAre("docker.io/library/busybox R3 medium"));
}

struct OtherCase {
  const char* what;
  const char* text;
  std::vector<std::string> images;
};

class OtherObjects : public testing::TestWithParam<OtherCase> {};

TEST_P(OtherObjects, AreLookedThrough) {
  EXPECT_EQ(found_in(GetParam().text), GetParam().images) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, OtherObjects,
    testing::Values(
        OtherCase{"an operator's object",
                  "{kind: Prometheus, spec: {image: 'q.io/p:1'}}",
                  {"q.io/p:1 R3 medium"}},
        OtherCase{"a name with a host and no tag",
                  "{kind: X, spec: {image: q.io/p}}",
                  {"q.io/p R3 medium"}},
        OtherCase{"a word that may be anything", "{kind: Machine, spec: {image: ubuntu}}", {}},
        OtherCase{"an image of a cloud", "{kind: M, spec: {image: projects/x/images/y}}", {}},
        OtherCase{"a pattern", "{kind: ClusterPolicy, spec: {image: '*/*:latest'}}", {}},
        OtherCase{"other keys",
                  "{kind: C, spec: {imageName: 'g.io/pg:17', dockerImage: 'g.io/spilo:1', "
                  "logical_backup_docker_image: 'g.io/b:2', imagePullPolicy: Always}}",
                  {"g.io/b:2 R3 medium", "g.io/pg:17 R3 medium", "g.io/spilo:1 R3 medium"}},
        OtherCase{"a part of a name",
                  "{kind: C, spec: {baseImage: q.io/p/p}}",
                  {"q.io/p/p R3 low: without a tag it may be only a part of a name"}},
        OtherCase{"a repository and its version",
                  "{kind: Prometheus, spec: {baseImage: q.io/p/p, version: v2}}",
                  {"q.io/p/p:v2 R6 medium"}},
        OtherCase{"a repository and its tag",
                  "{kind: R, spec: {values: {image: nginx, tag: '1.2'}}}",
                  {"docker.io/library/nginx:1.2 R6 medium"}},
        OtherCase{
            "parts",
            "{kind: HelmRelease, spec: {values: {image: {registry: q.io, repository: a/b, tag: "
            "1.10}, webImage: {repository: c, tag: v1}, git: {repository: d, tag: v2}}}}",
            {"docker.io/library/c:v1 R6 medium", "q.io/a/b:1.10 R6 medium"}},
        OtherCase{"groups",
                  "{kind: I, spec: {images: [q.io/a:1, b], relatedImages: {p: 'q.io/c:2'}, "
                  "list: {images: [{name: x, image: 'q.io/d:3'}]}}}",
                  {"q.io/a:1 R3 medium", "q.io/c:2 R3 medium", "q.io/d:3 R3 medium"}},
        OtherCase{"an annotation",
                  "{kind: Pod, metadata: {annotations: {sidecar.istio.io/proxyImage: 'd.io/p:1'}}}",
                  {"d.io/p:1 R3 medium"}},
        OtherCase{
            "OpenShift",
            "{kind: ImageStream, spec: {tags: [{from: {kind: DockerImage, name: 'q.io/a:1'}}]}}",
            {"q.io/a:1 R3 medium"}},
        OtherCase{"KubeVirt's sources of disks",
                  "{kind: DataVolume, spec: {source: {registry: {url: 'docker://q.io/disk:1'}}}}",
                  {"q.io/disk:1 R3 medium"}}));

INSTANTIATE_TEST_SUITE_P(
    Workflows, OtherObjects,
    testing::Values(
        OtherCase{
            "Argo",
            "{kind: Workflow, spec: {templates: [{name: a, container: {image: alpine, command: "
            "[sh]}}, {script: {image: 'python:3', source: x}}]}}",
            {"docker.io/library/alpine R3 medium", "docker.io/library/python:3 R3 medium"}},
        OtherCase{
            "Tekton",
            "{kind: Task, spec: {params: [{name: builder-image, default: 'g.io/b:1'}], steps: "
            "[{name: s, image: ubuntu, script: x}, {name: t, image: $(params.x), script: y}]}}",
            {"docker.io/library/ubuntu R3 medium", "g.io/b:1 R4 medium"}},
        OtherCase{"Knative",
                  "{apiVersion: serving.knative.dev/v1, kind: Service, spec: {template: {spec: "
                  "{containers: [{image: app}]}}}}",
                  {"docker.io/library/app R3 medium"}},
        OtherCase{"Compose",
                  "{services: {web: {image: 'nginx:1'}}}",
                  {"docker.io/library/nginx:1 R3 medium"}}));

INSTANTIATE_TEST_SUITE_P(
    NoImages, OtherObjects,
    testing::Values(
        OtherCase{
            "definitions",
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {image: "
            "'q.io/a:1'}}",
            {}},
        OtherCase{"Flux's places",
                  "{apiVersion: source.toolkit.fluxcd.io/v1, kind: OCIRepository, spec: {url: "
                  "'oci://q.io/a', ref: {tag: v1}, image: 'q.io/x:1'}}",
                  {}},
        OtherCase{"watched repositories",
                  "{apiVersion: image.toolkit.fluxcd.io/v1, kind: ImageRepository, spec: {image: "
                  "q.io/a}}",
                  {}},
        OtherCase{"what a cluster has written", "{kind: X, status: {image: 'q.io/a:1'}}", {}},
        OtherCase{
            "charts", "{kind: HelmChart, spec: {chart: 'oci://q.io/charts/a', version: '1'}}", {}},
        OtherCase{"modules", "{kind: WasmPlugin, spec: {url: 'oci://q.io/wasm:1'}}", {}},
        OtherCase{"packages", "{kind: Provider, spec: {package: 'xpkg.io/p:v1'}}", {}},
        OtherCase{"kbld's own",
                  "{apiVersion: kbld.k14s.io/v1alpha1, kind: Config, overrides: [{image: 'a:1', "
                  "newImage: 'b:2'}]}",
                  {}}));

INSTANTIATE_TEST_SUITE_P(
    Embedded, OtherObjects,
    testing::Values(
        OtherCase{
            "a file in a ConfigMap",
            "{apiVersion: v1, kind: ConfigMap, data: {a.yaml: \"x:\\n  image: q.io/a:1\\n\"}}",
            {"q.io/a:1 R5 low: it stands in a text that others interpret"}},
        OtherCase{
            "a setting in a ConfigMap",
            "{apiVersion: v1, kind: ConfigMap, data: {SIDE_IMAGE: 'q.io/a:1', other: 'q.io/b:2'}}",
            {"q.io/a:1 R4 medium"}},
        OtherCase{"a Secret",
                  "{apiVersion: v1, kind: Secret, stringData: {image: 'q.io/a:1'}}",
                  {"q.io/a:1 R4 medium"}},
        OtherCase{"values of another chart",
                  "{kind: HelmChart, spec: {valuesContent: \"image: q.io/a:1\\nx: 1\\n\"}}",
                  {"q.io/a:1 R5 low: it stands in a text that others interpret"}},
        OtherCase{"artifacts in arguments",
                  "{kind: X, spec: {args: [--db-repository, 'g.io/trivy-db:2']}}",
                  {"g.io/trivy-db:2 R4 low: it may be an artifact that is no image"}},
        OtherCase{"a script",
                  "{kind: X, spec: {command: [sh, -c, 'kubectl run --image=q.io/a:1 x']}}",
                  {"q.io/a:1 R4 medium"}}));

INSTANTIATE_TEST_SUITE_P(
    OfOperators, OtherObjects,
    testing::Values(
        OtherCase{
            "a tag that is called after its image",
            "{kind: A, spec: {image: q.io/a, image_version: '24', initImage: b, initImageTag: v1}}",
            {"docker.io/library/b:v1 R6 medium", "q.io/a:24 R6 medium"}},
        OtherCase{"a name and its tag",
                  "{kind: A, spec: {image: {name: q.io/a, tag: v1}}}",
                  {"q.io/a:v1 R6 medium"}},
        OtherCase{"a version that is somebody else's",
                  "{kind: A, spec: {image: alpine, version: v2}}",
                  {}},
        OtherCase{
            "Vault's annotation",
            "{kind: Pod, metadata: {annotations: {vault.hashicorp.com/agent-image: 'h/vault:1'}}}",
            {"docker.io/h/vault:1 R3 medium"}},
        OtherCase{"Tekton's flags",
                  "{kind: X, spec: {args: [-nop-image, 'g.io/nop:1', -shell-image, 'busybox:1']}}",
                  {"docker.io/library/busybox:1 R4 medium", "g.io/nop:1 R4 medium"}},
        OtherCase{
            "a long command",
            R"({spec: {command: [sh, -ec, "exec x \\\n -proxy-image=\"h/proxy:1\" \\\n -log=1"]}})",
            {"docker.io/h/proxy:1 R4 medium"}},
        OtherCase{
            "Knative's settings",
            R"({kind: ConfigMap, data: {queue-sidecar-image: 'g.io/queue:1', _example: "\n# queue-sidecar-image: g.io/x\n"}})",
            {"g.io/queue:1 R4 medium"}},
        OtherCase{
            "a runner's settings",
            R"({kind: ConfigMap, data: {config.toml: "[a]\n  image = \"ubuntu:22.04\"\n"}})",
            {"docker.io/library/ubuntu:22.04 R5 low: it stands in a text that others interpret"}}));

TEST(ManifestScan, LooksIntoListsAndAllDocuments) {
  EXPECT_THAT(found_in("# nothing\n---\nkind: List\nitems:\n- {kind: A, image: q.io/a:1}\n"
                       "- {kind: BList, items: [{kind: B, image: q.io/b:2}]}\n"
                       "---\n---\nkind: C\nimage: q.io/c:3\n...\n"),
              ElementsAre("q.io/a:1 R3 medium", "q.io/b:2 R3 medium", "q.io/c:3 R3 medium"));
}

TEST(ManifestScan, SetsTestsApartButNoOtherHooks) {
  const auto pod = [](const std::string& hook) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {helm.sh/hook: '" + hook +
           "'}}\nspec: {containers: [{image: a}]}\n";
  };
  for (const char* hook : {"test", "test-success", "post-install, test"})
    EXPECT_THAT(found_in(pod(hook)), ElementsAre(HasSubstr("only for helm test"))) << hook;
  for (const char* hook : {"post-install", "latest", ""})
    EXPECT_THAT(found_in(pod(hook)), ElementsAre("docker.io/library/a R2 high")) << hook;
}

TEST(ManifestScan, SaysWhereAnImageStands) {
  const ManifestScan scan = scan_manifests(
      "# Source: root/charts/child/templates/a.yaml\napiVersion: apps/v1\nkind: Deployment\n"
      "metadata: {name: web, namespace: default}\nspec:\n  template:\n    spec:\n      "
      "containers:\n"
      "      - name: app\n        image: nginx:1\n"
      "---\n# Source: root/templates/b.yaml\nkind: Thing\nspec:\n  image: q.io/a:1\n",
      "m.yaml");
  ASSERT_EQ(scan.images.size(), 2U);
  EXPECT_EQ(scan.images[0].found.where, "Deployment default/web, container app (m.yaml, line 10)");
  EXPECT_EQ(scan.images[0].found.chart, "root/child");
  EXPECT_EQ(scan.images[1].found.where, "Thing, spec.image (m.yaml, line 15)");
  EXPECT_EQ(scan.images[1].found.chart, "root");
  EXPECT_EQ(scan.images[0].found.evidence, Evidence::kRendered);
}

struct UnresolvedCase {
  const char* image;
  const char* code;
};

class ImagesOfPods : public testing::TestWithParam<UnresolvedCase> {};

TEST_P(ImagesOfPods, AreReportedIfTheyCanNotBeTold) {
  const std::string text =
      std::string("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, ") +
      "image: " + GetParam().image + "}]}\n";
  const ManifestScan scan = scan_manifests(text, "m.yaml");
  EXPECT_THAT(scan.images, IsEmpty());
  ASSERT_EQ(scan.unresolved.size(), 1U);
  EXPECT_EQ(scan.unresolved[0].code, GetParam().code);
  EXPECT_EQ(scan.unresolved[0].optional, "");
  EXPECT_THAT(scan.unresolved[0].where, HasSubstr("m.yaml, line 3"));
}

INSTANTIATE_TEST_SUITE_P(Texts, ImagesOfPods,
                         testing::Values(UnresolvedCase{"auto", "injected-image"},
                                         UnresolvedCase{"'{{ .Values.x }}'", "template-string"},
                                         UnresolvedCase{"'${IMAGE}'", "template-string"},
                                         UnresolvedCase{"UPPER/Case:1", "invalid-name"},
                                         UnresolvedCase{"'r.io/a:'", "invalid-name"},
                                         UnresolvedCase{"''", "invalid-name"}));

TEST(ManifestScan, TakesHostileYamlForWhatItIs) {
  EXPECT_THAT(found_in("a: &a {image: q.io/a:1}\nb: *a\nc: {<<: *a}\n"),
              ElementsAre("q.io/a:1 R3 medium", "q.io/a:1 R3 medium", "q.io/a:1 R3 medium"));
  EXPECT_THAT(found_in("image: q.io/a:1\nimage: q.io/b:2\n"), ElementsAre("q.io/b:2 R3 medium"));
  EXPECT_THAT(found_in("just a text\n--- [1, 2]\n--- ~\n"), IsEmpty());
  EXPECT_THAT(found_in("{kind: [x], metadata: 1, spec: {containers: {image: 2}, args: {a: b}}}"),
              IsEmpty());
  EXPECT_THAT(found_in(""), IsEmpty());
  EXPECT_THAT(found_in("# Source: \nimage: q.io/a:1\n"), ElementsAre("q.io/a:1 R3 medium"));
  for (const std::string& text : {std::string("a: [1\nb: 2\n"), std::string("a: *b\n"),
                                  "x: " + std::string(5000, '[') + std::string(5000, ']')}) {
    try {
      found_in(text);
      ADD_FAILURE() << text.substr(0, 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kParse);
      EXPECT_THAT(error.message(), HasSubstr("m.yaml, line "));
    }
  }
}

}  // namespace
}  // namespace tote::bundle::discover

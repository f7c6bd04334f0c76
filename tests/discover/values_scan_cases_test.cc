#include "bundle/discover/values_scan.h"
#include "tests/discover/scanned_chart.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAreArray;

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct MicroCase {
  const char* values;
  Lines lines;
};

class MicroCases : public testing::TestWithParam<MicroCase> {};

TEST_P(MicroCases, AreRead) {
  EXPECT_THAT(scan(GetParam().values), ElementsAreArray(GetParam().lines)) << GetParam().values;
}

INSTANTIATE_TEST_SUITE_P(
    Tags, MicroCases,
    testing::Values(
        MicroCase{"image: {repository: a/b, tag: 1.10}",
                  {"+ docker.io/a/b:1.10 image joined V1", "note numeric-tag image.tag"}},
        MicroCase{"image: {repository: a/b, tag: '1.10'}",
                  {"+ docker.io/a/b:1.10 image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: 9}",
                  {"+ docker.io/a/b:9 image joined V1", "note numeric-tag image.tag"}},
        MicroCase{"image: {repository: a/b, tag: true}",
                  {"+ docker.io/a/b:true image joined V1", "note boolean-tag image.tag"}},
        MicroCase{"image: {repository: a/b}", {"+ docker.io/a/b:7.8.9~ image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: ''}", {"+ docker.io/a/b:7.8.9~ image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: ' '}", {"+ docker.io/a/b:7.8.9~ image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: null}",
                  {"+ docker.io/a/b:7.8.9~ image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: {a: 1}}",
                  {"+ docker.io/a/b:7.8.9~ image joined V1"}},
        MicroCase{"image: {repository: a/b, version: v1}", {"+ docker.io/a/b:v1 image joined V1"}},
        MicroCase{"image: {repository: a/b, release: v1}", {"+ docker.io/a/b:v1 image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: 'a b'}", {"? invalid-name image.repository"}}));

INSTANTIATE_TEST_SUITE_P(
    Names, MicroCases,
    testing::Values(
        MicroCase{"image: {repository: localhost:5000/a/b, tag: x}",
                  {"+ localhost:5000/a/b:x image joined V1"}},
        MicroCase{"image: {repository: a/b:1.2}", {"+ docker.io/a/b:1.2 image joined V1"}},
        MicroCase{"image: {repository: 'a/b:1.2@sha256:" SHA "'}",
                  {"+ docker.io/a/b:1.2@sha256:" SHA " image joined V1"}},
        MicroCase{"image: {repository: 'a/b@sha256:" SHA "'}",
                  {"+ docker.io/a/b@sha256:" SHA " image joined V1"}},
        MicroCase{"image: {registry: '', repository: quay.io/a/b, tag: x}",
                  {"+ quay.io/a/b:x image split V1"}},
        MicroCase{"image: {registry: r.io, repository: quay.io/x, tag: x}",
                  {"+ r.io/quay.io/x:x image split V1"}},
        MicroCase{"global: {image: {registry: r.io}}\nimage: {repository: quay.io/x, tag: x}",
                  {"+ quay.io/x:x image joined V1"}},
        MicroCase{"global: {image: {registry: r.io}}\nimage: {repository: x, tag: x}",
                  {"+ r.io/x:x image split V1"}},
        MicroCase{"x: 1\nimageRegistry: q.io\nimageNamespace: n\nglobal: {imageRegistry: g.io}\n"
                  "a: {image: {name: a, tag: t}}\nb: {image: {registry: b.io, name: b, tag: t}}",
                  {"+ g.io/n/a:t a.image named V2", "+ b.io/n/b:t b.image named V2"}},
        MicroCase{"image: {defaultRegistry: d.io, registry: ~, repository: x/y, tag: x}",
                  {"+ d.io/x/y:x image split V1"}},
        MicroCase{"image: {registry: r.io:5000, repository: x, tag: x}",
                  {"+ r.io:5000/x:x image split V1"}},
        MicroCase{"image: {registry: docker.io/bitnami, repository: x, tag: x}",
                  {"+ docker.io/bitnami/x:x image split V1"}},
        MicroCase{"image: {registry: r.io/, repository: x, tag: x}", {"+ r.io/x:x image split V1"}},
        MicroCase{"image: {repository: grafana/loki, tag: x}",
                  {"+ docker.io/grafana/loki:x image joined V1"}},
        MicroCase{"image: {repository: nginx, tag: x}",
                  {"+ docker.io/library/nginx:x image joined V1"}},
        MicroCase{"image: {repository: A/B, tag: x}", {"? invalid-name image.repository"}},
        MicroCase{"image: {repository: 'https://x.io/a', tag: x}",
                  {"note not-an-image image.repository"}},
        MicroCase{"image: {repository: '{{ .Values.x }}', tag: x}",
                  {"? template-string image.repository"}},
        MicroCase{"image: {repository: a/b, tag: '{{ .Values.x }}'}",
                  {"? template-string image.tag"}}));

INSTANTIATE_TEST_SUITE_P(
    Texts, MicroCases,
    testing::Values(
        MicroCase{"image: nginx", {"? no-tag image"}}, MicroCase{"image: ''", {}},
        MicroCase{"image: null", {}},
        MicroCase{"image: nginx:1", {"+ docker.io/library/nginx:1 image ref V6"}},
        MicroCase{"image: nginx\ntag: '1'", {"+ docker.io/library/nginx:1 image pair V5"}},
        MicroCase{"x: {image: a/b, imageTag: c}", {"+ docker.io/a/b:c x.image pair V5"}},
        MicroCase{"x: {image: a/b, tag: ''}", {"+ docker.io/a/b:7.8.9~ x.image pair V5"}},
        MicroCase{"x: {registry: q.io, image: a/b, tag: c}", {"+ q.io/a/b:c x.image pair V5"}},
        MicroCase{"x: {initImage: 'q.io/a@sha256:" SHA "'}",
                  {"+ q.io/a@sha256:" SHA " x.initImage ref V6"}},
        MicroCase{"image: '{{ .Values.x }}'", {"? template-string image"}},
        MicroCase{"image: true", {}}, MicroCase{"image: 12", {}}, MicroCase{"image: logo.png", {}},
        MicroCase{"image: https://x.io/a", {}},
        MicroCase{"imagePullPolicy: Always\nimageVerify: {enabled: true, mode: a:1}", {}},
        MicroCase{"metrics: {container_image_size: x, imageStats: {enabled: true}}", {}},
        MicroCase{"sidecars: [{name: x, image: {repository: a/b, tag: c}}]",
                  {"+ docker.io/a/b:c sidecars[0].image joined V1"}},
        MicroCase{"sidecars: [{name: x, image: a/b:c}, {name: y, image: d:e}]",
                  {"+ docker.io/a/b:c sidecars[0].image ref V6",
                   "+ docker.io/library/d:e sidecars[1].image ref V6"}}));

INSTANTIATE_TEST_SUITE_P(
    Trees, MicroCases,
    testing::Values(
        MicroCase{"imageRenderer: {enabled: true, image: {repository: a/b, tag: c}}",
                  {"+ docker.io/a/b:c imageRenderer.image joined V1"}},
        MicroCase{"images: {a: {repository: x/a, tag: b}}",
                  {"+ docker.io/x/a:b images.a joined V1"}},
        MicroCase{"image: {a: {repository: x/a, tag: b}, c: {d: {repository: x/e, tag: f}}}",
                  {"+ docker.io/x/a:b image.a joined V1", "+ docker.io/x/e:f image.c.d joined V1"}},
        MicroCase{"a.b: {image: {repository: x/a, tag: b}}",
                  {"+ docker.io/x/a:b \"a.b\".image joined V1"}},
        MicroCase{"base: &b {repository: x/a, tag: b}\nimage: *b",
                  {"+ docker.io/x/a:b base joined V8", "+ docker.io/x/a:b image joined V1"}},
        MicroCase{
            "base: &b {image: {repository: x/a, tag: b}}\nweb: {<<: *b}",
            {"+ docker.io/x/a:b base.image joined V1", "+ docker.io/x/a:b web.image joined V1"}},
        MicroCase{"\xef\xbb\xbf"
                  "image:\r\n  repository: a/b\r\n  tag: c\r\n",
                  {"+ docker.io/a/b:c image joined V1"}},
        MicroCase{"web: {enabled: false, image: {repository: a/b, tag: c}}",
                  {"- docker.io/a/b:c web.image joined V1"}},
        MicroCase{"web: {disabled: true, image: a/b:c}", {"- docker.io/a/b:c web.image ref V6"}},
        MicroCase{"enabled: false\nimage: {repository: a/b, tag: c}",
                  {"+ docker.io/a/b:c image joined V1"}},
        MicroCase{"git: {repository: 'https://x.io/a.git', tag: b}", {}},
        MicroCase{"git: {repository: a/b, tag: c, branch: main}", {}},
        MicroCase{"backup: {repository: a/b, tag: c}", {"+ docker.io/a/b:c backup joined V8"}},
        MicroCase{"image: {repository: '', tag: x}", {"note root-image-empty image"}}));

INSTANTIATE_TEST_SUITE_P(
    Digests, MicroCases,
    testing::Values(
        MicroCase{"image: {repository: a/b, tag: c, sha: " SHA "}",
                  {"+ docker.io/a/b:c@sha256:" SHA " image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: c, sha: 'sha256:" SHA "'}",
                  {"+ docker.io/a/b:c@sha256:" SHA " image joined V1"}},
        MicroCase{"image: {repository: a/b, digest: 'sha256:" SHA "'}",
                  {"+ docker.io/a/b@sha256:" SHA " image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: c, digest: 'sha256:12'}",
                  {"? invalid-name image.repository"}},
        MicroCase{"image: {repository: a/b, tag: c, digest: 'sha256:" SHA "', useDigest: false}",
                  {"+ docker.io/a/b:c image joined V1"}},
        MicroCase{"image: {repository: a/b, tag: c, amd64Digest: 'sha256:" SHA "'}",
                  {"+ docker.io/a/b:c image joined V1", "note platform-digest image"}}));

// Kinds that charts of others have.
INSTANTIATE_TEST_SUITE_P(
    Kinds, MicroCases,
    testing::Values(
        MicroCase{
            "global: {hub: docker.io/istio, tag: 1.2.3}\npilot: {image: pilot, hub: '', tag: ''}",
            {"+ docker.io/istio/pilot:1.2.3 pilot.image hub V9"}},
        MicroCase{"hub: q.io/x\ntag: v1\nimage: ztunnel", {"+ q.io/x/ztunnel:v1 image hub V9"}},
        MicroCase{"op: {image: tigera/operator, version: v1.36.0, registry: quay.io}",
                  {"+ quay.io/tigera/operator:v1.36.0 op.image pair V5"}},
        MicroCase{"image: {image: q.io/a/b, tag: c}", {"+ q.io/a/b:c image joined V1"}},
        MicroCase{"image: {repository: q.io/a, image: b, tag: c}",
                  {"+ q.io/a/b:c image joined V1"}},
        MicroCase{"image: {name: q.io/a/proxy, version: v2}",
                  {"+ q.io/a/proxy:v2 image joined V1"}},
        MicroCase{"image: {name: nginx, tag: v2}",
                  {"+ docker.io/library/nginx:v2 image joined V1"}},
        MicroCase{"controllerImage: l5d.io/x/controller\ncontrollerImageVersion: v1",
                  {"+ l5d.io/x/controller:v1 controllerImage pair V5"}},
        MicroCase{"controllerImage: l5d.io/x/controller\ncontrollerTag: v1",
                  {"+ l5d.io/x/controller:v1 controllerImage pair V5"}},
        MicroCase{"web: {image_name: a/b, image_tag: c}",
                  {"+ docker.io/a/b:c web.image_name name-tag V4"}},
        MicroCase{"web: {image_repository: a/b, image_tag: c, image_registry: q.io}",
                  {"+ q.io/a/b:c web.image_repository name-tag V4"}},
        MicroCase{"init_image: a/b:c", {"+ docker.io/a/b:c init_image ref V6"}},
        MicroCase{"web_image: {repository: a/b, tag: c}",
                  {"+ docker.io/a/b:c web_image joined V1"}},
        MicroCase{"webImageRepository: a/b\nwebImageTag: c",
                  {"+ docker.io/a/b:c webImageRepository name-tag V4"}},
        MicroCase{"imageK8sSidecar: q.io/a/b:v1", {"+ q.io/a/b:v1 imageK8sSidecar ref V10"}},
        MicroCase{"proxyImageConfig: {repository: a/b, tag: c}",
                  {"+ docker.io/a/b:c proxyImageConfig joined V8"}},
        MicroCase{"controllers: {source: ghcr.io/f/source:v1, helm: ghcr.io/f/helm:v2}",
                  {"+ ghcr.io/f/source:v1 controllers.source ref V10",
                   "+ ghcr.io/f/helm:v2 controllers.helm ref V10"}},
        MicroCase{"mirrors: [ghcr.io/f/a:v1, 'example.com/b:8080']",
                  {"+ ghcr.io/f/a:v1 mirrors[0] ref V10"}},
        MicroCase{"images: {registry: q.io, tag: v1, web: x/web, api: {repository: x/api}, "
                  "pullPolicy: Always}",
                  {"+ q.io/x/web:v1 images.web pair V3", "+ q.io/x/api:v1 images.api split V1"}},
        MicroCase{"images: [a/b:c, d/e:f]",
                  {"+ docker.io/a/b:c images[0] ref V3", "+ docker.io/d/e:f images[1] ref V3"}},
        MicroCase{"images: {format: png, kubectl: {repository: q.io/kubectl}}",
                  {"? kubernetes-version images.kubectl.repository"}},
        MicroCase{"image: {override: 'm.io/x@sha256:" SHA "', repository: a/b, tag: c}",
                  {"+ m.io/x@sha256:" SHA " image.override ref V1"}},
        MicroCase{"image: {override: ~, repository: a/b, tag: c}",
                  {"+ docker.io/a/b:c image joined V1"}},
        MicroCase{"image: {repository: q.io/op, tag: v1, genericDigest: 'sha256:" SHA
                  "', awsDigest: '', useDigest: true}",
                  {"+ q.io/op-generic:v1@sha256:" SHA " image joined V1",
                   "- q.io/op-aws:v1 image joined V1"}},
        MicroCase{"image: {repository: q.io/op, tag: v1, suffix: -ci}",
                  {"+ q.io/op-ci:v1 image joined V1", "note image-modifier image.suffix"}},
        MicroCase{"image: {repository: q.io/op, tag: v1, tagSuffix: -slim}",
                  {"+ q.io/op:v1-slim~ image joined V1", "note image-modifier image.tagSuffix"}},
        MicroCase{"policiesBundle: {registry: m.io, repository: a/checks, tag: '1'}",
                  {"note oci-artifact policiesBundle"}},
        MicroCase{"artifact: {install: {refs: ['falco-rules:3', 'ghcr.io/f/rules/falco:3.1']}}",
                  {"note oci-artifact artifact.install.refs[1]"}},
        MicroCase{"plugins: [grafana-piechart-panel 1.3.6, 'https://x.io/p.zip;p']", {}},
        MicroCase{"plugins: {a: {image: {repository: x/p, tag: v}}}",
                  {"+ docker.io/x/p:v plugins.a.image joined V1"}},
        MicroCase{
            "driver: {repository: nvcr.io/nvidia, image: driver, version: '5'}\n"
            "op: {repository: nvidia, image: op}\nx: {repository: q.io/a, image: b, tag: c}",
            {"+ nvcr.io/nvidia/driver:5 driver.image pair V5",
             "+ docker.io/nvidia/op:7.8.9~ op.image pair V5", "+ q.io/a/b:c x.image pair V5"}},
        MicroCase{"defaultAirflowRepository: apache/airflow\ndefaultAirflowTag: 2.7.3\n"
                  "images: {airflow: {repository: ~, tag: ~}}",
                  {"+ docker.io/apache/airflow:2.7.3 defaultAirflowRepository name-tag V4"}},
        MicroCase{"x: 1\nimage: {baseRepo: m.com, disk: {repository: /k8s/disk, tag: v1}}\n"
                  "snapshot: {image: {shot: {repository: /k8s/shot, tag: v2}}}",
                  {"+ m.com/k8s/disk:v1 image.disk split V1",
                   "+ m.com/k8s/shot:v2 snapshot.image.shot split V1"}},
        MicroCase{
            "registry: gcr.io/dd\nagents: {image: {name: agent, tag: 7.1}}",
            {"+ gcr.io/dd/agent:7.1~ agents.image hub V1", "note numeric-tag agents.image.tag"}},
        MicroCase{"x: 1\nimageEnvoy: envoy/envoy-alpine:v1.2\nimageSize: 10:2",
                  {"+ docker.io/envoy/envoy-alpine:v1.2 imageEnvoy ref V10"}},
        MicroCase{
            "image: {repository: j/j, tag: ~, tagLabel: jdk21}",
            {"+ docker.io/j/j:7.8.9-jdk21~ image joined V1", "note image-modifier image.tagLabel"}},
        MicroCase{"image: {repository: j/j, tag: x, tagLabel: jdk21}",
                  {"+ docker.io/j/j:x image joined V1"}},
        MicroCase{"image: {repository: q.io/op, tag: v1, genericDigest: 'sha256:" SHA
                  "', useDigest: false}",
                  {"+ q.io/op-generic:v1 image joined V1"}},
        MicroCase{"provider: {packages: [xpkg.up.io/c/provider:v0.3]}",
                  {"note oci-artifact provider.packages[0]"}},
        MicroCase{"kubectl: {image: {repository: docker.io/bitnami/kubectl}}",
                  {"? kubernetes-version kubectl.image.repository"}},
        MicroCase{"url: ghcr.io/a\nchart: 'oci://ghcr.io/a/b:1.0'", {}}));

INSTANTIATE_TEST_SUITE_P(
    Secrets, MicroCases,
    testing::Values(
        MicroCase{"imagePullSecrets: []", {"secret imagePullSecrets list-map"}},
        MicroCase{"imagePullSecrets: [{name: a}]", {"secret imagePullSecrets list-map"}},
        MicroCase{"imagePullSecrets: [a]", {"secret imagePullSecrets list-string"}},
        MicroCase{"imagePullSecrets: ~", {"secret imagePullSecrets list-map"}},
        MicroCase{"imagePullSecrets: ''", {"secret imagePullSecrets scalar"}},
        MicroCase{"imagePullSecrets: {enabled: false, name: ''}",
                  {"secret imagePullSecrets enabled-name"}},
        MicroCase{"x: {imagePullSecret: ~, imagePullSecretName: ''}",
                  {"secret x.imagePullSecret scalar", "secret x.imagePullSecretName scalar"}},
        MicroCase{"imagePullSecrets: {}", {}},
        MicroCase{"imagePullSecrets: {mine: {registry: r.io, username: u, password: p}}", {}},
        MicroCase{"serviceAccount: {imagePullSecrets: []}",
                  {"secret serviceAccount.imagePullSecrets list-map"}},
        MicroCase{"image: {repository: a/b, tag: c, pullSecrets: []}",
                  {"+ docker.io/a/b:c image joined V1", "secret image.pullSecrets list-map"}}));

}  // namespace
}  // namespace tote::bundle::discover

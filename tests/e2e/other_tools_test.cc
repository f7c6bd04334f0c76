// Against programs that nobody here wrote: docker-registry, skopeo, umoci, and images that umoci
// makes of busybox.
#include "base/json.h"
#include "base/text.h"
#include "tests/support/attached.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace tote {
namespace {

using test::DockerRegistry;
using test::ProgramResult;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using test::write_text;

class OtherTools : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  ProgramResult sh(const std::string& script) {
    return test::run({"sh", "-ec", script}, {.directory = dir_.path(),
                                             .environment = {{"TOTE", test::program_path()},
                                                             {"HOME", dir_.path().string()}}});
  }

  // An image with a real root file system, in layout "images", by umoci; and a second one with
  // another architecture.
  void make_busybox_images() {
    EXPECT_DONE(
        sh("umoci init --layout images\n"
           "for arch in amd64 arm64; do\n"
           "  umoci new --image images:$arch\n"
           "  umoci unpack --rootless --image images:$arch bundle-$arch >/dev/null 2>&1\n"
           "  mkdir -p bundle-$arch/rootfs/bin bundle-$arch/rootfs/etc\n"
           "  cp /bin/busybox bundle-$arch/rootfs/bin/busybox\n"
           "  ln -s busybox bundle-$arch/rootfs/bin/sh\n"
           "  ln bundle-$arch/rootfs/bin/busybox bundle-$arch/rootfs/bin/ls\n"
           "  echo $arch >bundle-$arch/rootfs/etc/arch\n"
           "  umoci repack --image images:$arch bundle-$arch >/dev/null 2>&1\n"
           "  umoci config --image images:$arch --architecture $arch --os linux\n"
           "done"));
  }

  // skopeo copies what umoci made to a registry, and an index over both is put beside it.
  std::string push_two_platforms(const std::string& address) {
    EXPECT_DONE(sh(fmt::format(
        "for arch in amd64 arm64; do skopeo copy --insecure-policy --dest-tls-verify=false -q "
        "oci:images:$arch docker://{}/busybox/image:$arch; done\n"
        "python3 - {} <<'EOF'\n"
        "import hashlib, json, sys, urllib.request\n"
        "base = 'http://' + sys.argv[1] + '/v2/busybox/image/manifests/'\n"
        "T = 'application/vnd.oci.image.'\n"
        "entries = []\n"
        "for arch in ('amd64', 'arm64'):\n"
        "    r = urllib.request.urlopen(urllib.request.Request(base + arch, headers={{'Accept': T "
        "+ "
        "'manifest.v1+json'}}))\n"
        "    b = r.read()\n"
        "    entries.append({{'mediaType': r.headers['Content-Type'], 'size': len(b), 'digest': "
        "'sha256:' + hashlib.sha256(b).hexdigest(), 'platform': {{'os': 'linux', 'architecture': "
        "arch}}}})\n"
        "b = json.dumps({{'schemaVersion': 2, 'mediaType': T + 'index.v1+json', 'manifests': "
        "entries}}).encode()\n"
        "urllib.request.urlopen(urllib.request.Request(base + 'multi', data=b, method='PUT', "
        "headers={{'Content-Type': T + 'index.v1+json'}}))\n"
        "open('index.digest', 'w').write('sha256:' + hashlib.sha256(b).hexdigest())\n"
        "EOF",
        address, address)));
    return test::read_text(dir_ / "index.digest");
  }

  TempDir dir_;
};

TEST_F(OtherTools, ABusyboxBundleTravelsBetweenOurRegistryAndDockersAndBack) {
  TestRegistry ours;
  const DockerRegistry docker(dir_, "docker");
  make_busybox_images();
  const std::string index = push_two_platforms(ours.address());
  write_text(dir_ / "bundle/.imgpkg/images.yml",
             test::images_lock({ours.address() + "/busybox/image@" + index}));
  EXPECT_DONE(tote({"push", "-b", ours.address() + "/app/bundle:v1", "-f", path("bundle")}));
  EXPECT_DONE(tote({"copy", "-b", ours.address() + "/app/bundle:v1", "--to-repo",
                    docker.address() + "/far/side"}));
  EXPECT_DONE(tote({"copy", "-b", docker.address() + "/far/side:v1", "--to-tar", path("a.tar")}));
  TestRegistry third;
  EXPECT_DONE(tote({"copy", "--tar", path("a.tar"), "--to-repo", third.address() + "/back/home"}));
  EXPECT_TRUE(third.storage().find_manifest("back/home", oci::Digest::parse(index)));
  // Within docker-registry, by mount; and everything again, moving nothing.
  EXPECT_DONE(tote({"copy", "-b", docker.address() + "/far/side:v1", "--to-repo",
                    docker.address() + "/other/side"}));
  EXPECT_DONE(tote({"copy", "-b", docker.address() + "/far/side:v1", "--to-repo",
                    docker.address() + "/other/side"}));
  EXPECT_DONE(tote({"pull", "-b", docker.address() + "/other/side:v1", "-o", path("out")}));
  EXPECT_NE(test::read_text(dir_ / "out/.imgpkg/images.yml")
                .find(docker.address() + "/other/side@" + index),
            std::string::npos);
  // A real root file system, by platform.
  const auto pulled = tote(
      {"pull", "-i",
       third.address() + "/back/home@" + ours.storage().find_tag("busybox/image", "arm64")->str(),
       "-o", path("rootfs")});
  EXPECT_DONE(pulled);
  EXPECT_EQ(test::read_text(dir_ / "rootfs/etc/arch"), "arm64\n");
  EXPECT_TRUE(test::read_text(dir_ / "rootfs/bin/busybox") == test::read_text("/bin/busybox"));
  EXPECT_NE(pulled.err.find("1 symbolic link"), std::string::npos) << pulled.err;
}

TEST_F(OtherTools, DockerRegistryWithPasswords) {
  const DockerRegistry docker(dir_, "locked", true);
  write_text(dir_ / "files/a", "content");
  const std::vector<std::string> push = {"push", "-i", docker.address() + "/some/app:v1", "-f",
                                         path("files")};
  const auto refused = tote(push);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("UNAUTHORIZED"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("hint: "), std::string::npos);

  std::vector<std::string> with_flags = push;
  with_flags.insert(with_flags.end(),
                    {"--registry-username", "user", "--registry-password", "secret"});
  EXPECT_DONE(tote(with_flags));
  EXPECT_DONE(
      tote(push, {.environment = {{"IMGPKG_USERNAME", "user"}, {"IMGPKG_PASSWORD", "secret"}}}));
  EXPECT_DONE(tote(push, {.environment = {{"IMGPKG_REGISTRY_HOSTNAME_0", docker.address()},
                                          {"IMGPKG_REGISTRY_USERNAME_0", "user"},
                                          {"IMGPKG_REGISTRY_PASSWORD_0", "secret"}}}));
  write_text(dir_ / "config/config.json",
             fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}}}}}})", docker.address(),
                         base64_encode("user:secret")));
  EXPECT_DONE(tote(push, {.environment = {{"DOCKER_CONFIG", path("config")}}}));
  const auto wrong =
      tote(push, {.environment = {{"IMGPKG_USERNAME", "user"}, {"IMGPKG_PASSWORD", "hunter2"}}});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_EQ(wrong.err.find("hunter2"), std::string::npos) << "no secret is printed";
}

TEST_F(OtherTools, CredentialHelpersAreAsked) {
  TestRegistry registry(
      [](testregistry::Handler& inner) { return test::with_passwords(inner, test::kHtpasswd); });
  write_text(dir_ / "bin/docker-credential-test",
             "#!/bin/sh\nread server\necho \"$server\" >>" + path("asked") +
                 "\necho '{\"ServerURL\":\"x\",\"Username\":\"user\",\"Secret\":\"secret\"}'\n");
  std::filesystem::permissions(dir_ / "bin/docker-credential-test",
                               std::filesystem::perms::owner_all);
  write_text(dir_ / "config/config.json", R"({"credsStore":"test"})");
  write_text(dir_ / "files/a", "content");
  EXPECT_DONE(tote({"push", "-i", registry.address() + "/some/app:v1", "-f", path("files")},
                   {.environment = {{"DOCKER_CONFIG", path("config")},
                                    {"PATH", path("bin") + ":/usr/bin:/bin"}}}));
  EXPECT_EQ(test::read_text(dir_ / "asked"), registry.address() + "/some/app\n");
}

TEST_F(OtherTools, SkopeoReadsWritesAndInspectsOurRegistry) {
  TestRegistry registry;
  make_busybox_images();
  const std::string image = registry.address() + "/busybox/image:amd64";
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --dest-tls-verify=false "
                     "oci:images:amd64 docker://{}",
                     image)));
  const auto inspected = sh("skopeo inspect --tls-verify=false docker://" + image);
  EXPECT_DONE(inspected);
  const auto resolved = tote({"tag", "resolve", "-i", image});
  EXPECT_EQ(Json::parse(inspected.out, "inspect").at("Digest").string() + "\n",
            resolved.out.substr(resolved.out.find('@') + 1));
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --src-tls-verify=false docker://{} "
                     "oci:back:amd64\n"
                     "umoci unpack --rootless --image back:amd64 unpacked >/dev/null 2>&1\n"
                     "cmp unpacked/rootfs/bin/busybox /bin/busybox",
                     image)));
  EXPECT_DONE(sh(fmt::format("skopeo delete --tls-verify=false docker://{}", image)));
}

TEST_F(OtherTools, SkopeoSpeaksTlsWithOurRegistry) {
  const test::TlsFiles files(dir_);
  TestRegistry registry(
      testregistry::ServerOptions{.tls = testregistry::ServerTls{test::read_text(files.certificate),
                                                                 test::read_text(files.key)}});
  make_busybox_images();
  EXPECT_DONE(sh("mkdir certs && cp cert.pem certs/ca.crt"));
  const std::string image = registry.address() + "/busybox/image:amd64";
  EXPECT_DONE(sh(fmt::format(
      "skopeo copy --insecure-policy -q --dest-cert-dir certs oci:images:amd64 docker://{}",
      image)));
  EXPECT_DONE(tote({"pull", "-i", image, "-o", path("out"), "--registry-ca-cert-path",
                    files.certificate.string()}));
  EXPECT_EQ(tote({"pull", "-i", image, "-o", path("out")}).exit_code, 1);
  EXPECT_DONE(tote({"pull", "-i", image, "-o", path("out"), "--registry-verify-certs=false"}));
}

TEST_F(OtherTools, AnImageThatWePushedBecomesALayout) {
  TestRegistry registry;
  write_text(dir_ / "files/config/a.yml", "key: value\n");
  EXPECT_DONE(tote({"push", "-i", registry.address() + "/some/app:v1", "-f", path("files")}));
  // umoci itself refuses to unpack images without an operating system, which imgpkg's are.
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --src-tls-verify=false "
                     "docker://{}/some/app:v1 oci:pushed:v1\n"
                     "umoci stat --image pushed:v1 >/dev/null\n"
                     "for blob in pushed/blobs/sha256/*; do\n"
                     "  tar xzf $blob config/a.yml 2>/dev/null || true\n"
                     "done\n"
                     "cmp config/a.yml files/config/a.yml",
                     registry.address())));
}

TEST_F(OtherTools, ImagesToBeRunAndTheirIndexGoToDockersRegistry) {
  const DockerRegistry docker(dir_, "docker");
  TestRegistry ours;
  write_text(dir_ / "files/app", "x");
  const auto push_for = [&](const std::string& registry, const std::string& arch) {
    EXPECT_DONE(tote({"push", "-i", registry + "/some/app:" + arch, "-f", path("files"),
                      "--entrypoint", "/app", "--platform", "linux/" + arch, "--chown", "/=7"}));
  };
  push_for(docker.address(), "amd64");
  push_for(ours.address(), "arm64");
  const std::string index = docker.address() + "/some/app:v1";
  EXPECT_DONE(tote({"push", "-i", index, "--index", docker.address() + "/some/app:amd64", "--index",
                    ours.address() + "/some/app:arm64"}));
  EXPECT_DONE(
      sh(fmt::format("for arch in amd64 arm64; do\n"
                     "  skopeo copy --insecure-policy -q --src-tls-verify=false --override-arch "
                     "$arch docker://{} oci:$arch:v1\n"
                     "  umoci unpack --rootless --image $arch:v1 $arch-out >/dev/null 2>&1\n"
                     "  cmp $arch-out/rootfs/app files/app\n"
                     "done",
                     index)));
}

// It keeps no lists of referrers.
TEST_F(OtherTools, WhatIsAttachedGoesToDockersRegistryAndComesBack) {
  const DockerRegistry docker(dir_, "docker");
  TestRegistry ours;
  auto& storage = ours.storage();
  const auto image = test::put_image(storage, "src/app", {"layer"}, "v1");
  std::set<oci::Digest> attached;
  for (const char* sbom : {"one", "two"})
    attached.insert(
        test::put_referrer(storage, "src/app", image, "application/vnd.example.sbom", sbom));
  const std::string far = docker.address() + "/far/app";
  EXPECT_DONE(tote(
      {"copy", "-i", ours.address() + "/src/app:v1", "--to-repo", far, "--include-referrers"}));
  EXPECT_DONE(tote({"copy", "-i", far + ":v1", "--to-repo", ours.address() + "/dst/app",
                    "--include-referrers"}));
  std::set<oci::Digest> listed;
  for (const auto& referrer : storage.referrers("dst/app", image)) listed.insert(referrer.digest);
  EXPECT_EQ(listed, attached);
}

TEST_F(OtherTools, OurArchiveUnpacksToALayoutThatSkopeoReads) {
  TestRegistry registry;
  make_busybox_images();
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --dest-tls-verify=false "
                     "oci:images:amd64 docker://{}/busybox/image:v1",
                     registry.address())));
  EXPECT_DONE(
      tote({"copy", "-i", registry.address() + "/busybox/image:v1", "--to-tar", path("a.tar")}));
  EXPECT_DONE(
      sh("mkdir layout && tar xf a.tar -C layout\n"
         "skopeo inspect oci:layout:v1 >inspected\n"
         "umoci unpack --rootless --image layout:v1 unpacked >/dev/null 2>&1\n"
         "cmp unpacked/rootfs/bin/busybox /bin/busybox"));
}

TEST_F(OtherTools, ArchivesAndLayoutsOfOthersAreRead) {
  TestRegistry registry;
  make_busybox_images();
  EXPECT_DONE(sh(
      "skopeo copy --insecure-policy -q oci:images:amd64 oci-archive:oci.tar:v1\n"
      "skopeo copy --insecure-policy -q oci:images:amd64 docker-archive:docker.tar:some/app:v1"));
  const std::vector<std::vector<std::string>> sources = {{"--tar", path("oci.tar"), "v1"},
                                                         {"--tar", path("docker.tar"), "v1"},
                                                         {"--layout", path("images"), "amd64"}};
  for (const auto& source : sources) {
    const std::string repository =
        registry.address() + "/from/" + std::filesystem::path(source[1]).stem().string();
    EXPECT_DONE(tote({"copy", source[0], source[1], "--to-repo", repository}));
    EXPECT_DONE(sh(fmt::format(
        "skopeo copy --insecure-policy -q --src-tls-verify=false docker://{}:{} oci:back:v1\n"
        "umoci unpack --rootless --image back:v1 back-unpacked >/dev/null 2>&1\n"
        "cmp back-unpacked/rootfs/bin/busybox /bin/busybox\n"
        "rm -rf back back-unpacked",
        repository, source[2])));
  }
  EXPECT_DONE(tote({"pull", "--tar", path("docker.tar"), "-i", "some/app:v1", "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/etc/arch"), "amd64\n");
}

TEST_F(OtherTools, ALayoutOfOursIsReadByOthers) {
  TestRegistry registry;
  make_busybox_images();
  const std::string image = registry.address() + "/busybox/image:v1";
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --dest-tls-verify=false "
                     "oci:images:amd64 docker://{}",
                     image)));
  EXPECT_DONE(tote({"copy", "-i", image, "--to-layout", path("layout")}));
  EXPECT_DONE(tote({"copy", "-i", image, "--to-tar", path("a.tar"), "--tar-format", "oci"}));
  EXPECT_DONE(
      sh("skopeo copy --insecure-policy -q oci-archive:a.tar:v1 oci:skopeo:v1\n"
         "for layout in skopeo layout; do\n"
         "  umoci unpack --rootless --image $layout:v1 $layout-out >/dev/null 2>&1\n"
         "  cmp $layout-out/rootfs/bin/busybox /bin/busybox\n"
         "done\n"
         // What they write there stays, and is found.
         "skopeo copy --insecure-policy -q oci:images:arm64 oci:layout:arm64"));
  EXPECT_DONE(tote({"copy", "-i", image, "--to-layout", path("layout")}));
  EXPECT_DONE(
      sh("skopeo inspect --override-arch arm64 oci:layout:arm64 >/dev/null\n"
         "skopeo inspect oci:layout:v1 >/dev/null"));
}

// What docker load takes: skopeo reads it as that, checking every layer, and as an OCI layout.
TEST_F(OtherTools, AnArchiveForDockerIsReadByOthersEitherWay) {
  TestRegistry registry;
  make_busybox_images();
  const std::string index = push_two_platforms(registry.address());
  const std::string image = registry.address() + "/busybox/image";
  EXPECT_DONE(
      tote({"copy", "-i", image + ":arm64", "--to-tar", path("a.tar"), "--tar-format", "docker"}));
  EXPECT_DONE(tote({"copy", "-i", image + ":multi", "--platform", "linux/arm64", "--to-tar",
                    path("b.tar"), "--tar-format", "docker"}));
  EXPECT_DONE(
      sh(fmt::format("config() {{ python3 -c 'import json, sys; "
                     "print(json.load(sys.stdin)[\"config\"][\"digest\"])'; }}\n"
                     "skopeo inspect --raw --tls-verify=false docker://{0}:arm64 >right\n"
                     "skopeo inspect --raw oci-archive:a.tar >raw\n"
                     "cmp raw right\n"
                     "config <right >config\n"
                     "for tar in a b; do\n"
                     "  skopeo inspect --raw docker-archive:$tar.tar | config | cmp - config\n"
                     "  skopeo copy --insecure-policy -q docker-archive:$tar.tar oci:$tar:v1\n"
                     "  umoci unpack --rootless --image $tar:v1 $tar-out >/dev/null 2>&1\n"
                     "  cmp $tar-out/rootfs/bin/busybox /bin/busybox\n"
                     "  grep -qx arm64 $tar-out/rootfs/etc/arch\n"
                     "done\n"
                     "skopeo inspect docker-archive:a.tar:{0}:arm64 >/dev/null\n"
                     "skopeo inspect docker-archive:b.tar:{0}:multi >/dev/null\n",
                     image)));
  EXPECT_DONE(tote({"copy", "--tar", path("b.tar"), "--to-layout", path("back")}));
  EXPECT_NE(test::read_text(dir_ / "back/index.json").find(index), std::string::npos);
  for (const char* dry_run : {"--quiet", "--dry-run"}) {
    const auto refused = tote({"copy", "-i", image + ":multi", "--to-tar", path("c.tar"),
                               "--tar-format", "docker", dry_run});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.err.find("is carried for 2 platforms, and Docker's format has one image"),
              std::string::npos)
        << refused.err;
    EXPECT_NE(refused.err.find("hint: choose one, as with --platform linux/amd64"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace tote

#include "bundle/mirror_files.h"

#include "base/error.h"
#include "bundle/discover/manifest_scan.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tote::bundle {
namespace {

using testing::HasSubstr;

std::string digest(char c) {
  return "sha256:" + std::string(64, c);
}

ImagesLock lock_of(const std::vector<std::string>& ids) {
  ImagesLock lock;
  char c = 'a';
  for (const std::string& id : ids) {
    const OriginalName original = parse_original_name(id);
    lock.images.push_back(
        {{original.repository, {}, oci::Digest::parse(digest(c++))}, {{"kbld.carvel.dev/id", id}}});
  }
  return lock;
}

MovedImages below(const std::string& prefix, const std::vector<std::string>& ids) {
  return moved_by(RelocatedName::under(prefix, false), lock_of(ids));
}

const std::vector<std::string> kTwo = {"nginx:1.27", "quay.io/a/b:v2"};

TEST(MirrorFiles, NameEachRegistryOnceForContainerd) {
  const auto files =
      containerd_hosts(below("air.gap:5000/m", {"nginx:1", "redis:2", "q.io:1/aa:3"}));
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files.at("docker.io/hosts.toml"),
            "server = \"https://registry-1.docker.io\"\n\n"
            "[host.\"https://air.gap:5000/v2/m/docker.io\"]\n"
            "  capabilities = [\"pull\", \"resolve\"]\n  override_path = true\n");
  EXPECT_THAT(files.at("q.io:1/hosts.toml"),
              HasSubstr("[host.\"https://air.gap:5000/v2/m/q.io_1\"]"));
  EXPECT_THAT(containerd_hosts(below("localhost:5000", kTwo)).at("quay.io/hosts.toml"),
              HasSubstr("[host.\"http://localhost:5000/v2/quay.io\"]"));
}

TEST(MirrorFiles, AreRegistriesForSkopeo) {
  EXPECT_EQ(registries_conf(below("air.gap/m", kTwo)),
            "[[registry]]\nprefix = \"docker.io\"\nlocation = \"docker.io\"\n\n"
            "[[registry.mirror]]\nlocation = \"air.gap/m/docker.io\"\n\n"
            "[[registry]]\nprefix = \"quay.io\"\nlocation = \"quay.io\"\n\n"
            "[[registry.mirror]]\nlocation = \"air.gap/m/quay.io\"\n");
}

TEST(MirrorFiles, AreTwoObjectsForOpenShift) {
  const std::string text = openshift_mirrors(below("air.gap/m", kTwo));
  const auto documents = Yaml::parse_all(text, "o");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_THAT(text, HasSubstr("kind: ImageDigestMirrorSet\nmetadata:\n  name: tote\nspec:\n"
                              "  imageDigestMirrors:\n  - mirrors:\n    - air.gap/m/docker.io\n"
                              "    source: docker.io\n"));
  EXPECT_THAT(text, HasSubstr("imageTagMirrors:\n  - mirrors:\n    - air.gap/m/docker.io\n"));
}

TEST(MirrorFiles, RefuseWhatIsNotBelowAPrefix) {
  const std::vector<MovedImages> others = {
      moved_by(RelocatedName::under("air.gap/m", true), lock_of(kTwo)),
      moved_by(RelocatedName::from_template("air.gap/{{.Registry}}/{{.Repository}}:x"),
               lock_of(kTwo)),
      moved_beside({"air.gap", "b/app"}, lock_of(kTwo))};
  for (const MovedImages& images : others) {
    EXPECT_THROW(containerd_hosts(images), Error);
    EXPECT_THROW(openshift_mirrors(images), Error);
    EXPECT_THAT([&] { registries_conf(images); },
                testing::ThrowsMessage<Error>(HasSubstr("is not at its own path and tag")));
  }
}

TEST(MirrorFiles, SpellNamesOfDockerHubAsManifestsDo) {
  const std::string text = kustomize_images(below("air.gap/m", {"nginx:1.27"}), false);
  for (const char* name : {"nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx",
                           "index.docker.io/library/nginx"})
    EXPECT_THAT(text, HasSubstr(fmt::format("- name: {}\n  newName: air.gap/m/docker.io/library/"
                                            "nginx\n  newTag: \"1.27\"\n",
                                            name)));
  EXPECT_THAT(
      kustomize_images(below("air.gap/m", {"q.io/aa:1"}), true),
      "images:\n- digest: " + digest('a') + "\n  name: q.io/aa\n  newName: air.gap/m/q.io/aa\n");
}

TEST(MirrorFiles, KeepTagsWhereKustomizeHasOneEntryForSeveral) {
  EXPECT_EQ(kustomize_images(below("air.gap/m", {"q.io/aa:1", "q.io/aa:2"}), true),
            "images:\n- name: q.io/aa\n  newName: air.gap/m/q.io/aa\n");
  EXPECT_THAT(
      [&] {
        kustomize_images(moved_beside({"air.gap", "bb"}, lock_of({"q.io/aa:1", "q.io/aa:2"})),
                         true);
      },
      testing::ThrowsMessage<Error>(HasSubstr("images 'q.io/aa:1' and 'q.io/aa:2'")));
}

// As tote reads kbld's own documents.
TEST(MirrorFiles, AreReadBackAsOverridesOfKbld) {
  const std::string config = kbld_config(below("air.gap/m", kTwo));
  const auto kbld = discover::KbldConfig::read(config, "kbld.yml");
  const auto scan = discover::scan_manifests(
      "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "
      "'nginx:1.27'}, {name: b, image: 'quay.io/a/b:v2'}]}\n",
      "pod.yml", kbld);
  ASSERT_EQ(scan.images.size(), 2U);
  EXPECT_EQ(scan.images[0].found.candidates.front().str(),
            "air.gap/m/docker.io/library/nginx@" + digest('a'));
  EXPECT_EQ(scan.images[1].found.candidates.front().str(), "air.gap/m/quay.io/a/b@" + digest('b'));
}

TEST(MovedImages, AreFoundHoweverTheyAreSpelled) {
  const MovedImages images = below("air.gap/m", kTwo);
  const auto find = [&](const std::string& text) {
    const MovedImage* found = images.find(discover::ImageName::parse(text).value());
    return found == nullptr ? "" : found->id;
  };
  EXPECT_EQ(find("docker.io/library/nginx:1.27"), "nginx:1.27");
  EXPECT_EQ(find("nginx@" + digest('a')), "nginx:1.27");
  EXPECT_EQ(find("nginx:other@" + digest('a')), "nginx:1.27");
  EXPECT_EQ(find("nginx:1.27@" + digest('f')), "");
  EXPECT_EQ(find("nginx:2"), "");
  EXPECT_EQ(images.place_of("quay.io/a/b:v2")->str(), "air.gap/m/quay.io/a/b:v2@" + digest('b'));
  EXPECT_FALSE(images.place_of("quay.io/a/b:v3"));
}

TEST(MovedImages, TakeOfSeveralWrittenNamesTheOneOfTheirOriginal) {
  const ImagesLock lock = lock_of({"q.io/aa:1"});
  const std::string image = lock.images[0].reference.name();
  const auto place = [&](std::vector<ImageNamed> names) {
    return moved_as_written({std::move(names)}, lock).all().front().to.str();
  };
  // A template may have changed the tags.
  EXPECT_EQ(place({{image, "q.io/aa:2", "m.io/aa:1"}, {image, "q.io/aa:1", "m.io/aa:x1"}}),
            "m.io/aa:x1@" + digest('a'));
  EXPECT_THROW(place({{image, "q.io/aa:2", "m.io/aa:1"}}), Error);
  EXPECT_THROW(place({}), Error);
}

}  // namespace
}  // namespace tote::bundle

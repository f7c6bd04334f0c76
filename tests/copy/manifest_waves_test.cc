// Which manifests have to wait for which.
#include "copy/manifest_waves.h"

#include "oci/manifest_json.h"
#include "oci/media_types.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>

namespace tote::copy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ManifestWaves : public testing::Test {
 protected:
  static std::string subject(const oci::ManifestPtr& of) {
    return of == nullptr
               ? ""
               : fmt::format(R"("subject":{},)", oci::encode_descriptor(of->descriptor()));
  }
  static oci::ManifestPtr image(const std::string& name, const oci::ManifestPtr& of = nullptr) {
    const oci::Descriptor config{"c", oci::Digest::of(name), name.size()};
    return oci::Manifest::parse(fmt::format(R"({{{}"config":{},"layers":[]}})", subject(of),
                                            oci::encode_descriptor(config)),
                                oci::kOciManifest);
  }
  static oci::ManifestPtr index(const std::vector<oci::ManifestPtr>& children,
                                const oci::ManifestPtr& of = nullptr) {
    std::string list;
    for (const oci::ManifestPtr& child : children)
      list += (list.empty() ? "" : ",") + oci::encode_descriptor(child->descriptor());
    return oci::Manifest::parse(fmt::format(R"({{{}"manifests":[{}]}})", subject(of), list),
                                oci::kOciIndex);
  }

  using Waves = std::vector<std::vector<oci::Digest>>;
  static Waves waves_of(const std::vector<oci::ManifestPtr>& manifests) {
    std::vector<ManifestWork> work;
    for (const oci::ManifestPtr& manifest : manifests) work.push_back({manifest, {}});
    Waves waves;
    for (const auto& wave : in_waves(work)) {
      waves.emplace_back();
      for (const ManifestWork* one : wave) waves.back().push_back(one->manifest->digest());
    }
    return waves;
  }
};

TEST_F(ManifestWaves, AreNoneOfNothing) {
  EXPECT_THAT(waves_of({}), IsEmpty());
}

TEST_F(ManifestWaves, AreOneOfImages) {
  const auto a = image("a");
  const auto b = image("b");
  EXPECT_THAT(waves_of({a, b}), ElementsAre(ElementsAre(a->digest(), b->digest())));
}

TEST_F(ManifestWaves, PutIndexesBehindWhatTheyName) {
  const auto a = image("a");
  const auto b = image("b");
  const auto inner = index({a});
  const auto outer = index({b, inner});
  EXPECT_THAT(waves_of({outer, inner, a, b}),
              ElementsAre(ElementsAre(a->digest(), b->digest()), ElementsAre(inner->digest()),
                          ElementsAre(outer->digest())));
}

TEST_F(ManifestWaves, PutWhatIsAttachedBehindWhatItIsAttachedTo) {
  const auto a = image("a");
  const auto list = index({a});
  const auto sbom = image("sbom", list);
  const auto signature = image("signature", sbom);
  EXPECT_THAT(waves_of({signature, sbom, a, list}),
              ElementsAre(ElementsAre(a->digest()), ElementsAre(list->digest()),
                          ElementsAre(sbom->digest()), ElementsAre(signature->digest())));
}

TEST_F(ManifestWaves, DoNotWaitForWhatIsNotSent) {
  const auto signature = image("signature", image("elsewhere"));
  const auto sparse = index({image("not carried")});
  EXPECT_THAT(waves_of({signature, sparse}),
              ElementsAre(ElementsAre(signature->digest(), sparse->digest())));
}

TEST_F(ManifestWaves, NameAChildThatAnIndexNamesTwiceOnce) {
  const auto a = image("a");
  const auto list = index({a, a});
  EXPECT_THAT(waves_of({a, list}),
              ElementsAre(ElementsAre(a->digest()), ElementsAre(list->digest())));
}

TEST_F(ManifestWaves, MayBeAsManyAsThereAreManifests) {
  std::vector<oci::ManifestPtr> chain{image("first")};
  for (int i = 1; i < 20'000; ++i) chain.push_back(image("next", chain.back()));
  EXPECT_EQ(waves_of(chain).size(), chain.size());
}

}  // namespace
}  // namespace tote::copy

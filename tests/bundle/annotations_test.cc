// What annotations change of manifests, and that nothing else of them changes.
#include "bundle/annotations.h"

#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace tote::bundle {
namespace {

using test::ThrowsError;
using Annotations = std::map<std::string, std::string>;

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

oci::ManifestPtr parse(const std::string& text) {
  return oci::Manifest::parse(text, "");
}

oci::Contents contents_of(const std::vector<oci::ManifestPtr>& manifests) {
  oci::Contents contents;
  for (const oci::ManifestPtr& manifest : manifests) contents.manifests.add(manifest);
  contents.images = {{{"r.io", "app"}, manifests.back()->descriptor(), "v1", {}, {}}};
  return contents;
}

std::string root_text(const oci::Contents& contents) {
  return contents.find_manifest(contents.images.front().target.digest)->bytes();
}

std::string image_text(const std::string& more = {}, const std::string& media_type = kManifest) {
  const std::string empty = oci::Digest::of("{}").str();
  return fmt::format(
      R"({{ "layers":[],"mediaType" : "{}", "config":{{"size": 2,"digest":"{}","mediaType":"x/y"}},)"
      "\n\t\"schemaVersion\":2{}}}\n",
      media_type, empty, more);
}

std::string entry(const oci::Manifest& child, const std::string& more = {}) {
  return fmt::format(R"({{"size":{},"x":1, "mediaType":"{}","digest":"{}"{}}})",
                     child.descriptor().size, child.media_type(), child.digest().str(), more);
}

std::string index_text(const std::vector<std::string>& entries, const std::string& more = {}) {
  return fmt::format(R"({{"manifests": [ {} ],"mediaType":"{}","schemaVersion":2{}}})",
                     fmt::join(entries, " ,\n"), kIndex, more);
}

TEST(Annotations, ScopesOfMixedKeysAreTold) {
  AnnotationEdits edits;
  for (const char* text : {"a=1", "manifest:b=2=3", "index:c=", "foo:bar=x", "a=4"})
    edits.add(text);
  EXPECT_EQ(edits.of_images, (Annotations{{"a", "4"}, {"b", "2=3"}, {"foo:bar", "x"}}));
  EXPECT_EQ(edits.of_index, (Annotations{{"c", ""}}));
  for (const char* text : {"", "a", "=x", "index:=x", "manifest:=x", "index:a", "a=\xff"})
    EXPECT_THAT([&] { edits.add(text); }, ThrowsError(ErrorKind::kUsage, "KEY=VALUE")) << text;
}

TEST(Annotations, OfAnImageChangeNothingElse) {
  const std::string text = image_text();
  oci::Contents contents = contents_of({parse(text)});
  const RewrittenManifests rewritten = annotate(contents, {{{"i", "1"}}, {{"k\"", "<v>"}}});
  ASSERT_EQ(rewritten.size(), 1U);
  const std::string now = root_text(contents);
  EXPECT_EQ(parse(now)->annotations(), (Annotations{{"k\"", "<v>"}}));
  EXPECT_EQ(json_without(now, {"annotations"}, "m"), text);
  EXPECT_EQ(contents.images.front().target.size, now.size());
}

TEST(Annotations, ThatAreThereAreKeptOrReplaced) {
  const std::string text = image_text(R"(,"annotations":{"old":"1", "same":"\u0078"})");
  oci::Contents contents = contents_of({parse(text)});
  annotate(contents, {{}, {{"old", "2"}, {"new", "3"}, {"same", "x"}}});
  EXPECT_EQ(root_text(contents),
            image_text(R"(,"annotations":{"old":"2", "same":"\u0078", "new":"3"})"));
}

TEST(Annotations, ThatAreThereAlreadyChangeNoDigest) {
  const std::string text = image_text(R"(,"annotations":{"a":"1"})");
  oci::Contents contents = contents_of({parse(text)});
  EXPECT_TRUE(annotate(contents, {{{"i", "1"}}, {{"a", "1"}}}).empty());
  EXPECT_EQ(root_text(contents), text);
}

TEST(Annotations, OfAnIndexReachItsImagesAndItself) {
  const auto one = parse(image_text(R"(,"n":1)"));
  const auto two = parse(image_text(R"(,"n":2)"));
  const auto inner = parse(index_text({entry(*two)}));
  const auto root = parse(index_text({entry(*one), entry(*inner)}, R"(,"y":null)"));
  oci::Contents contents = contents_of({one, two, inner, root});
  const RewrittenManifests rewritten = annotate(contents, {{{"i", "1"}}, {{"m", "2"}}});
  EXPECT_EQ(rewritten.size(), 4U);
  const auto now = [&](const oci::ManifestPtr& was) {
    return contents.find_manifest(rewritten.at(was->digest()));
  };
  EXPECT_EQ(now(root)->annotations(), (Annotations{{"i", "1"}}));
  EXPECT_TRUE(now(inner)->annotations().empty()) << "the index that was asked for, no other";
  EXPECT_EQ(now(one)->annotations(), (Annotations{{"m", "2"}}));
  EXPECT_EQ(now(two)->annotations(), (Annotations{{"m", "2"}}));
  EXPECT_EQ(now(inner)->bytes(), index_text({entry(*now(two))}));
  EXPECT_EQ(now(root)->bytes(), index_text({entry(*now(one)), entry(*now(inner))},
                                           R"(,"y":null,"annotations":{"i":"1"})"));
}

TEST(Annotations, OfAnIndexAloneLeaveItsImages) {
  const auto image = parse(image_text());
  oci::Contents contents = contents_of({image, parse(index_text({entry(*image)}))});
  EXPECT_EQ(annotate(contents, {{{"i", "1"}}, {}}).size(), 1U);
  EXPECT_EQ(root_text(contents), index_text({entry(*image)}, R"(,"annotations":{"i":"1"})"));
}

TEST(Annotations, LeaveAttestationsWhichFollowTheirImages) {
  const auto image = parse(image_text());
  const auto attestation = parse(image_text(R"(,"about":1)"));
  const auto about = [](const oci::Manifest& subject) {
    return fmt::format(
        R"(,"annotations":{{"vnd.docker.reference.digest":"{}","vnd.docker.reference.type":"attestation-manifest"}})",
        subject.digest().str());
  };
  const auto root = parse(index_text({entry(*image), entry(*attestation, about(*image))}));
  oci::Contents contents = contents_of({image, attestation, root});
  const RewrittenManifests rewritten = annotate(contents, {{}, {{"m", "2"}}});
  const auto now = contents.find_manifest(rewritten.at(image->digest()));
  EXPECT_EQ(root_text(contents), index_text({entry(*now), entry(*attestation, about(*now))}));
}

TEST(Annotations, LeaveWhatHasASubjectWhichFollowsWhereverItStands) {
  const auto image = parse(image_text());
  const auto subject = [](const oci::Manifest& of) { return ",\"subject\":" + entry(of); };
  const auto sbom = parse(image_text(subject(*image)));
  const auto root = parse(index_text({entry(*sbom), entry(*image)}));
  oci::Contents contents = contents_of({sbom, image, root});
  const RewrittenManifests rewritten = annotate(contents, {{}, {{"m", "2"}}});
  const auto now = contents.find_manifest(rewritten.at(image->digest()));
  EXPECT_EQ(contents.find_manifest(rewritten.at(sbom->digest()))->bytes(),
            image_text(subject(*now)));
}

TEST(Annotations, RewriteContentThatStandsInAnEntry) {
  const auto image = parse(image_text());
  const auto data = [](const oci::Manifest& of) {
    return fmt::format(R"(,"data":"{}")", base64_encode(of.bytes()));
  };
  oci::Contents contents = contents_of({image, parse(index_text({entry(*image, data(*image))}))});
  const RewrittenManifests rewritten = annotate(contents, {{}, {{"m", "2"}}});
  const auto now = contents.find_manifest(rewritten.at(image->digest()));
  EXPECT_EQ(root_text(contents), index_text({entry(*now, data(*now))}));
}

// ---- whatever a manifest looks like ------------------------------------------------------------

class RandomManifests {
 public:
  explicit RandomManifests(unsigned seed) : random_(seed) {}

  oci::ManifestPtr image(int number) {
    const std::string empty = oci::Digest::of("{}").str();
    return parse(object(
        {{"schemaVersion", "2"},
         {"mediaType", quote(kManifest)},
         {"n", std::to_string(number)},
         {"config", object({{"mediaType", quote("a/b")}, {"digest", quote(empty)}, {"size", "2"}})},
         {"layers", "[" + blank() + "]"},
         {"x-unknown", R"([1.50, {"a":null}, "\u00e9", 1e3])"}},
        true));
  }
  oci::ManifestPtr index(const std::vector<oci::ManifestPtr>& children) {
    std::string list;
    for (const oci::ManifestPtr& child : children) {
      const oci::Descriptor& is = child->descriptor();
      list += (list.empty() ? "" : ",") + blank() +
              object({{"mediaType", quote(is.media_type)},
                      {"digest", quote(is.digest.str())},
                      {"size", std::to_string(is.size)},
                      {"z", "[]"}});
    }
    return parse(object({{"schemaVersion", "2"},
                         {"mediaType", quote(kIndex)},
                         {"manifests", "[" + list + blank() + "]"},
                         {"x", "{}"}},
                        true));
  }
  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }

 private:
  using Members = std::vector<std::pair<std::string, std::string>>;

  static std::string quote(const std::string& text) { return "\"" + text + "\""; }
  std::string blank() {
    constexpr std::array<const char*, 6> kBlanks = {"", "", " ", "\n", "\r\n\t", "   "};
    return kBlanks.at(below(kBlanks.size()));
  }
  std::string object(Members members, bool may_have_annotations = false) {
    if (may_have_annotations && below(2) == 0)
      members.emplace_back("annotations", below(3) == 0 ? "{}" : object({{"old", "\"1\""}}));
    std::shuffle(members.begin(), members.end(), random_);
    std::string text = "{";
    for (const auto& [key, value] : members)
      text += (text == "{" ? "" : ",") + blank() + quote(key) + blank() + ":" + blank() + value +
              blank();
    return text + "}";
  }

  std::mt19937 random_;
};

// The bytes that a manifest had before it got this annotation.
std::string before(const oci::Manifest& now, const oci::Manifest& was) {
  const std::string text = json_without(now.bytes(), {"annotations", "new"}, "m");
  return was.json().find("annotations") ? text : json_without(text, {"annotations"}, "m");
}

TEST(Annotations, TakenAwayAgainGiveTheOriginalBytesWhateverTheManifest) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomManifests random(seed);
    std::vector<oci::ManifestPtr> all;
    for (int i = 0; i < 3; ++i) all.push_back(random.image(i));
    all.push_back(random.index({all[0], all[1]}));
    all.push_back(random.index({all[2], all[3]}));
    oci::Contents same = contents_of(all);
    EXPECT_TRUE(annotate(same, {}).empty());
    EXPECT_EQ(root_text(same), all.back()->bytes());
    oci::Contents contents = contents_of(all);
    const RewrittenManifests rewritten = annotate(contents, {{{"new", "i"}}, {{"new", "m"}}});
    ASSERT_EQ(rewritten.size(), all.size());
    for (const oci::ManifestPtr& was : all) {
      std::string text = before(*contents.find_manifest(rewritten.at(was->digest())), *was);
      for (const auto& [old, now] : rewritten) {
        const auto replace = [&](const std::string& from, const std::string& to) {
          if (const std::size_t at = text.find(from); at != std::string::npos)
            text.replace(at, from.size(), to);
        };
        replace(now.str(), old.str());
      }
      if (was->is_index())
        text = json_with_items(
            text, {"manifests"},
            [&](std::size_t i, std::string_view item) {
              return json_with(item, {"size"}, RawJson{std::to_string(was->children()[i].size)},
                               "m");
            },
            "m");
      EXPECT_EQ(text, was->bytes()) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tote::bundle

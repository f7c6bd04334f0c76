#include "bundle/discover/rewrite.h"

#include "base/error.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

namespace tote::bundle::discover {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

// "r.io/a:1" becomes "new.io/r.io/a:1".
std::optional<ImageName> moved(const FoundImage& image) {
  ImageName name = image.candidates.front();
  return ImageName{"new.io", name.registry + "/" + name.repository, name.tag, name.digest};
}

std::optional<ImageName> pinned(const FoundImage& image) {
  ImageName name = *moved(image);
  name.digest = kDigest;
  return name;
}

Rewritten rewritten(std::string_view text, const NewName& name = moved) {
  return rewrite_manifests(text, "m.yaml", scan_manifests(text, "m.yaml"), name);
}

struct RewriteCase {
  const char* what;
  const char* before;
  const char* after;
};

class Rewriting : public testing::TestWithParam<RewriteCase> {};

TEST_P(Rewriting, KeepsEveryOtherByte) {
  EXPECT_EQ(rewritten(GetParam().before).text, GetParam().after) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Styles, Rewriting,
    testing::Values(
        RewriteCase{"nothing to replace", "a: 1 # x\n", "a: 1 # x\n"},
        RewriteCase{"comments and order", "# a\nb:   {image:   r.io/a:1}   # c\n\n\na: 2",
                    "# a\nb:   {image:   new.io/r.io/a:1}   # c\n\n\na: 2"},
        RewriteCase{"quotes", "- {image: 'r.io/a:1'}\n- {image: \"r.io/a:2\"}\n",
                    "- {image: 'new.io/r.io/a:1'}\n- {image: \"new.io/r.io/a:2\"}\n"},
        RewriteCase{"Windows", "\xEF\xBB\xBFimage: r.io/a:1\r\nb: 2\r\n",
                    "\xEF\xBB\xBFimage: new.io/r.io/a:1\r\nb: 2\r\n"},
        RewriteCase{"escapes", R"(image: "r.\x69o/a:1" # x)", R"(image: "new.io/r.io/a:1" # x)"},
        RewriteCase{"an escaped line break", "image: \"r.io/\\\n  a:1\"\n",
                    "image: \"new.io/r.io/a:1\"\n"},
        RewriteCase{"a short name",
                    "kind: Pod\napiVersion: v1\nspec: {containers: [{image: nginx}]}\n",
                    "kind: Pod\napiVersion: v1\nspec: {containers: [{image: "
                    "new.io/docker.io/library/nginx}]}\n"},
        RewriteCase{"a block", "image: >-\n  r.io/a:1\nb: 1\n",
                    "image: >-\n  new.io/r.io/a:1\nb: 1\n"},
        RewriteCase{"a tag and an anchor", "a: !!str &x r.io/a:1\nimage: *x\n",
                    "a: !!str &x new.io/r.io/a:1\nimage: *x\n"},
        RewriteCase{"documents", "---\nimage: r.io/a:1\n---\n# x\n--- {image: r.io/a:1}\n...\n",
                    "---\nimage: new.io/r.io/a:1\n---\n# x\n--- {image: new.io/r.io/a:1}\n...\n"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, Rewriting,
    testing::Values(
        RewriteCase{"a flag", "args: [--x-image=r.io/a:1, --y=r.io/b:2]",
                    "args: [--x-image=new.io/r.io/a:1, --y=new.io/r.io/b:2]"},
        RewriteCase{"one name inside of another",
                    "env: [{name: IMAGES, value: 'r.io/a:10 r.io/a:1 x/r.io/a:1'}]",
                    "env: [{name: IMAGES, value: 'new.io/r.io/a:10 new.io/r.io/a:1 "
                    "new.io/docker.io/x/r.io/a:1'}]"},
        RewriteCase{"lines of a block",
                    "env:\n- name: IMAGES\n  value: | # r.io/a:1\n    1=r.io/a:1\n    2=r.io/b:2\n",
                    "env:\n- name: IMAGES\n  value: | # r.io/a:1\n    1=new.io/r.io/a:1\n"
                    "    2=new.io/r.io/b:2\n"},
        RewriteCase{
            "a file in a ConfigMap",
            "kind: ConfigMap\ndata:\n  x: |\n    image: r.io/a:1 # y\n    z: r.io/b:1\n",
            "kind: ConfigMap\ndata:\n  x: |\n    image: new.io/r.io/a:1 # y\n    z: r.io/b:1\n"},
        RewriteCase{"a scheme", "url: docker://r.io/a:1", "url: docker://new.io/r.io/a:1"},
        RewriteCase{"parts with a registry",
                    "image: {registry: r.io, repository: a/b, tag: 1.10} # x",
                    "image: {registry: new.io, repository: r.io/a/b, tag: 1.10} # x"},
        RewriteCase{"parts without one", "image:\n  repository: r.io/a\n  tag: 'v1'\n",
                    "image:\n  repository: new.io/r.io/a\n  tag: 'v1'\n"}));

TEST(Rewriting, PutsDigestsWhereTheyBelong) {
  EXPECT_EQ(rewritten("image: r.io/a:1", pinned).text, "image: new.io/r.io/a:1@" + kDigest);
  EXPECT_EQ(rewritten("image: {repository: r.io/a, tag: 1.2}", pinned).text,
            "image: {repository: new.io/r.io/a, tag: 1.2@" + kDigest + "}");
  EXPECT_EQ(rewritten("image: {repository: r.io/a, tag: v1, digest: 'sha256:" +
                          std::string(64, 'b') + "'}",
                      pinned)
                .text,
            "image: {repository: new.io/r.io/a, tag: v1, digest: '" + kDigest + "'}");
}

TEST(Rewriting, QuotesWhatWouldBeANumber) {
  const auto other_tag = [](const FoundImage& image) {
    ImageName name = image.candidates.front();
    name.tag = "1.20";
    return std::optional(name);
  };
  EXPECT_EQ(rewritten("image: {registry: r.io, repository: a, tag: 1.10} # x", other_tag).text,
            "image: {registry: r.io, repository: a, tag: \"1.20\"} # x");
}

TEST(Rewriting, QuotesAnewWhereOneOfTwoHasEscapes) {
  EXPECT_EQ(rewritten(R"(env: [{name: IMAGES, value: "r.io/a:1 r.\x69o/a:1"}])").text,
            R"(env: [{name: IMAGES, value: "new.io/r.io/a:1 new.io/r.io/a:1"}])");
}

TEST(Rewriting, ReachesTheSameNameTwiceInYamlInYaml) {
  const KbldConfig config = KbldConfig::read(
      "{apiVersion: kbld.k14s.io/v1alpha1, kind: Config, searchRules: [{keyMatcher: {name: d}, "
      "updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: e}, updateStrategy: {yaml: "
      "{searchRules: [{keyMatcher: {name: f}}]}}}]}}}]}",
      "kbld.yaml");
  const std::string text = "d: |\n  e: |\n    f: r.io/a\n    g: {f: r.io/a}\n";
  EXPECT_EQ(rewrite_manifests(text, "m.yaml", scan_manifests(text, "m.yaml", config), moved).text,
            "d: |\n  e: |\n    f: new.io/r.io/a\n    g: {f: new.io/r.io/a}\n");
}

TEST(Rewriting, RefusesWhatIsNoName) {
  const auto bad = [](const FoundImage& /*image*/) {
    return std::optional(ImageName{"r.io", "a:5000/b", "1", ""});
  };
  EXPECT_THROW(rewritten("image: r.io/a:1", bad), Error);
}

TEST(Rewriting, LeavesWhatHasNoNewName) {
  const auto only_b = [](const FoundImage& image) {
    return image.candidates.front().repository == "b" ? moved(image) : std::nullopt;
  };
  const Rewritten result = rewritten("- {image: r.io/a:1}\n- {image: r.io/b:1}\n", only_b);
  EXPECT_EQ(result.text, "- {image: r.io/a:1}\n- {image: new.io/r.io/b:1}\n");
  EXPECT_EQ(result.changed, 1U);
}

TEST(Rewriting, ReachesYamlInYamlThatKbldIsToldOf) {
  const KbldConfig config = KbldConfig::read(
      "{apiVersion: kbld.k14s.io/v1alpha1, kind: Config, searchRules: [{keyMatcher: {name: d}, "
      "updateStrategy: {yaml: {searchRules: [{keyMatcher: {name: f}}]}}}]}",
      "kbld.yaml");
  const std::string text = "d: |\n  f: nginx\n  g: nginx\n  h: {f: 'nginx'}\n";
  EXPECT_EQ(rewrite_manifests(text, "m.yaml", scan_manifests(text, "m.yaml", config), moved).text,
            "d: |\n  f: new.io/docker.io/library/nginx\n  g: nginx\n  h: {f: "
            "'new.io/docker.io/library/nginx'}\n");
}

}  // namespace
}  // namespace tote::bundle::discover

#include "bundle/discover/hints.h"

#include "base/error.h"
#include "base/file.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHead = "kind: ImageHints\nversion: 1\n";

Hints hints_of(const std::string& text) {
  return Hints::parse(kHead + text, "hints.yml");
}

ValueText values(std::map<std::string, std::string> texts) {
  return [texts = std::move(texts)](const ValuePath& path) -> std::optional<std::string> {
    const auto found = texts.find(path_text(path));
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(HintsFile, SaysAllThatCanBeSaid) {
  const Hints hints = hints_of(
      "images:\n- ref: r.io/a:1\n- ref: r.io/b:2\n  optional: true\n"
      "  path: b.image\n  chart: root/b\n  form: split\n"
      "  fields: {registry: b.image.registry, repository: b.image.repository, tag: "
      "'b.\"x.y\"[0]'}\n"
      "ignore: ['r.io/**', c.image]\n"
      "pullSecrets: [{path: global.imagePullSecrets, form: list-map}]\n"
      "override: [{from: r.io/a, to: q.io/a}]\n");
  ASSERT_EQ(hints.images.size(), 2U);
  EXPECT_EQ(hints.images[0].where, "hints.yml, line 4");
  EXPECT_TRUE(hints.images[1].is_optional);
  EXPECT_EQ(hints.images[1].place.chart, "root/b");
  EXPECT_EQ(hints.images[1].place.form, Form::kSplit);
  EXPECT_EQ(hints.images[1].place.fields.tag, (ValuePath{"b", "x.y", "0"}));
  EXPECT_THAT(hints.ignore, ElementsAre("r.io/**", "c.image"));
  ASSERT_EQ(hints.pull_secrets.size(), 1U);
  EXPECT_EQ(hints.pull_secrets[0].path, (ValuePath{"global", "imagePullSecrets"}));
  const Discovery discovery = hinted_images(hints);
  EXPECT_THAT(texts_of(discovery.images),
              ElementsAre("r.io/a:1 H1 high", "r.io/b:2 H1 high: the hints say so"));
  EXPECT_EQ(discovery.pull_secrets, hints.pull_secrets);
}

struct PlaceCase {
  const char* hint;
  const char* image;  // or why not
};

class HintsOfPlaces : public testing::TestWithParam<PlaceCase> {};

TEST_P(HintsOfPlaces, ReadWhatStandsThere) {
  const ValueText value_at = values({{"a.registry", "r.io"},
                                     {"a.repository", "x/y"},
                                     {"a.name", "z"},
                                     {"a.tag", "1.2"},
                                     {"a.sha", std::string(64, 'a')},
                                     {"a.empty", ""},
                                     {"a.ref", "q.io/b:3"}});
  const Discovery discovery = hinted_images(
      hints_of(std::string("images: [{path: a, ") + GetParam().hint + "}]"), value_at, "v9");
  const std::string shown = discovery.images.empty() ? discovery.unresolved.at(0).code
                                                     : discovery.images[0].candidates[0].str();
  EXPECT_EQ(shown, GetParam().image) << GetParam().hint;
}

const std::string kWithDigest = "r.io/x/y@sha256:" + std::string(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    Fields, HintsOfPlaces,
    testing::Values(
        PlaceCase{"fields: {registry: a.registry, repository: a.repository, tag: a.tag}",
                  "r.io/x/y:1.2"},
        PlaceCase{
            "tagPrefix: v, fields: {registry: a.registry, repository: a.repository, tag: a.tag}",
            "r.io/x/y:v1.2"},
        PlaceCase{"fields: {registry: a.registry, repository: a.repository, tag: a.empty}",
                  "r.io/x/y:v9"},
        PlaceCase{"fields: {repository: a.repository}", "docker.io/x/y"},
        PlaceCase{"fields: {repository: a.repository, name: a.name, tag: a.tag}",
                  "docker.io/x/y/z:1.2"},
        PlaceCase{
            "fields: {registry: a.registry, repository: a.repository, digest: a.sha, bareDigest: "
            "true}",
            kWithDigest.c_str()},
        PlaceCase{"fields: {repository: a.ref}", "q.io/b:3"},
        PlaceCase{"fields: {repository: a.nothing, tag: a.tag}", "invalid-name"},
        PlaceCase{"form: ref", "invalid-name"}));

TEST(HintsFile, OfLaterFilesWins) {
  Hints hints = hints_of(
      "images: [{ref: 'r.io/a:1', path: a}, {ref: 'r.io/b:1'}]\nignore: [x]\n"
      "pullSecrets: [{path: s}]\noverride: [{from: a, to: b}]\n");
  hints.add(
      hints_of("images: [{ref: 'r.io/a:2', path: a}, {ref: 'r.io/a:3', path: a, chart: "
               "other}]\nignore: [y]\n"
               "pullSecrets: [{path: s, form: scalar}]\noverride: [{from: a, to: c}]\n"));
  EXPECT_THAT(texts_of(hinted_images(hints).images),
              ElementsAre("r.io/a:2 H1 high", "r.io/a:3 H1 high", "r.io/b:1 H1 high"));
  EXPECT_THAT(hints.ignore, ElementsAre("x", "y"));
  ASSERT_EQ(hints.pull_secrets.size(), 1U);
  EXPECT_EQ(hints.pull_secrets[0].form, SecretForm::kText);
  ASSERT_EQ(hints.overrides.size(), 1U);
  EXPECT_EQ(hints.overrides[0].to.repository, "library/c");
}

TEST(HintsFile, ThatTheDocumentationHasCanBeRead) {
  const std::filesystem::path folder = std::filesystem::path(TOTE_TEST_DATA) / "../../docs/hints";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    const std::string text = read_file(entry.path(), kMaxHintsSize);
    EXPECT_FALSE(Hints::parse(text, entry.path().string()).images.empty());
    ++files;
  }
  EXPECT_GE(files, 2U);
  const std::string page = read_file(folder / "README.md", kMaxHintsSize);
  const std::size_t begin = page.find("```yaml\n") + 8;
  const Hints hints = Hints::parse(page.substr(begin, page.find("```\n", begin) - begin), "page");
  EXPECT_EQ(hints.images.size(), 3U);
}

struct OverrideCase {
  const char* from;
  const char* to;
  const char* name;
  const char* changed;  // "" : not at all
};

class Overrides : public testing::TestWithParam<OverrideCase> {};

TEST_P(Overrides, ChangeNames) {
  const OverrideCase& param = GetParam();
  const NameOverride change{*ImageName::parse(param.from), *ImageName::parse(param.to)};
  const std::optional<ImageName> changed = change.apply(*ImageName::parse(param.name));
  EXPECT_EQ(changed ? changed->str() : "", param.changed);
}

INSTANTIATE_TEST_SUITE_P(
    Names, Overrides,
    testing::Values(OverrideCase{"nginx", "r.io/nginx", "nginx:1", "r.io/nginx:1"},
                    OverrideCase{"nginx", "r.io/nginx:2", "nginx:1", "r.io/nginx:2"},
                    OverrideCase{"nginx:1", "r.io/nginx", "nginx:1", "r.io/nginx:1"},
                    OverrideCase{"nginx:1", "r.io/nginx", "nginx:2", ""},
                    OverrideCase{"nginx", "r.io/nginx", "x/nginx:2", ""}));

struct BadCase {
  const char* text;
  const char* complaint;
};

class BadHints : public testing::TestWithParam<BadCase> {};

TEST_P(BadHints, AreRefusedWithTheirLine) {
  try {
    Hints::parse(GetParam().text, "hints.yml");
    ADD_FAILURE() << GetParam().text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().complaint)) << GetParam().text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Heads, BadHints,
    testing::Values(BadCase{"", "hints.yml, line 1: expected a map"},
                    BadCase{"version: 1", "'kind' is missing"},
                    BadCase{"kind: ImageHints", "'version' is missing"},
                    BadCase{"{kind: Other, version: 1}", "kind 'Other', expected 'ImageHints'"},
                    BadCase{"{kind: ImageHints, version: 2}", "so a newer one is needed"},
                    BadCase{"{kind: ChartImages, version: 2}", "so a newer one is needed"},
                    BadCase{"kind: ImageHints\nversion: 1\nmore: 1\n",
                            "line 3: unknown key 'more'"},
                    BadCase{"kind: ImageHints\nversion: 1\nversion: 1\n", "line 3"}));

INSTANTIATE_TEST_SUITE_P(
    Entries, BadHints,
    testing::Values(
        BadCase{"{kind: ImageHints, version: 1, images: {}}", "'images' has to be a list"},
        BadCase{"kind: ImageHints\nversion: 1\nimages:\n- {}\n", "line 4: an image needs"},
        BadCase{"kind: ImageHints\nversion: 1\nimages:\n- {ref: X}\n", "line 4: 'X' is no name"},
        BadCase{"{kind: ImageHints, version: 1, images: [{ref: a, form: split}]}", "need a 'path'"},
        BadCase{"{kind: ImageHints, version: 1, images: [{path: a.}]}", "'a.' is no path"},
        BadCase{"{kind: ImageHints, version: 1, images: [{path: a, form: x}]}",
                "unknown form 'x' (known: none, split, joined"},
        BadCase{"{kind: ImageHints, version: 1, images: [{path: a, fields: {x: y}}]}",
                "unknown key 'x'"},
        BadCase{"{kind: ImageHints, version: 1, images: [{ref: a, tagPrefix: v}]}", "'tagPrefix'"},
        BadCase{"{kind: ImageHints, version: 1, images: [{ref: a, optional: yes}]}",
                "has to be true or false"},
        BadCase{"{kind: ImageHints, version: 1, images: [{ref: [a]}]}", "'ref' has to be a text"},
        BadCase{"{kind: ImageHints, version: 1, ignore: [{}]}", "expected a pattern"},
        BadCase{"{kind: ImageHints, version: 1, pullSecrets: [{form: scalar}]}",
                "'path' is missing"},
        BadCase{"{kind: ImageHints, version: 1, override: [{from: a}]}", "'to' is missing"}));

}  // namespace
}  // namespace tote::bundle::discover

// promote: another name for what is there, as a user types it.
#include "base/json.h"
#include "tests/support/attached.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class Promote : public testing::Test {
 protected:
  std::string here(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string there(const std::string& path) const { return far_.address() + "/" + path; }
  static test::ProgramResult promote(const std::string& from, const std::string& to,
                                     const Strings& more = {}) {
    Strings words = {"promote", "-q", from, to};
    words.insert(words.end(), more.begin(), more.end());
    return tote(words);
  }
  static Json manifest(const std::string& name) {
    return Json::parse(
        test::run({"skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + name}).out,
        name);
  }
  static std::map<std::string, std::string> annotations(const std::string& name) {
    return manifest(name).string_map("annotations");
  }
  oci::Digest put_index(const std::string& path, const std::string& tag) {
    const auto one = test::put_image(registry_.storage(), path, {"one"});
    const auto two =
        test::put_image(registry_.storage(), path, {"two"}, {}, {.architecture = "arm64"});
    return test::put_index(registry_.storage(), path, {{one, "amd64"}, {two, "arm64"}}, tag);
  }

  mutable test::TestRegistry registry_;
  mutable test::TestRegistry far_;
  const test::TempDir dir_;
};

TEST_F(Promote, RetagsInItsRepositoryAndSendsNothingElse) {
  const auto image = test::put_image(registry_.storage(), "app", {"layer"}, "v1");
  registry_.interceptor().forget_requests();
  EXPECT_DONE(promote(here("app:v1"), here("app:v2")));
  EXPECT_EQ(registry_.storage().find_tag("app", "v2"), image);
  EXPECT_EQ(registry_.interceptor().count("PUT "), 1U);
  EXPECT_EQ(registry_.interceptor().count("POST "), 0U);
  EXPECT_DONE(promote(here("app:v1"), here("app:v2")));
  EXPECT_EQ(registry_.interceptor().count("PUT "), 1U) << "it is there";
  EXPECT_EQ(tote({"tag", "list", "-i", here("app"), "--imgpkg-internal-tags"}).out, "v1\nv2\n");
}

TEST_F(Promote, TakesDigestsAndPrefixes) {
  const auto image = test::put_image(registry_.storage(), "app", {"layer"}, "v1");
  EXPECT_DONE(promote("oci://" + here("app@" + image.str()), "oci://" + there("a/b:v1")));
  EXPECT_EQ(far_.storage().find_tag("a/b", "v1"), image);
}

TEST_F(Promote, SaysForProgramsWhatCameOfIt) {
  const auto image = test::put_image(registry_.storage(), "app", {"layer"}, "v1");
  const auto promoted = promote(here("app:v1"), there("app:v2"), {"--json"});
  EXPECT_EQ(promoted.out, fmt::format(R"({{"digest":"{}","image":"{}","tag":"v2"}})"
                                      "\n",
                                      image.str(), there("app:v2")));
}

TEST_F(Promote, CopiesIndexesWholeToOtherRegistries) {
  const auto index = put_index("app", "v1");
  EXPECT_DONE(promote(here("app:v1"), there("app:v1")));
  EXPECT_EQ(far_.storage().find_tag("app", "v1"), index);
  EXPECT_DONE(test::run({"skopeo", "copy", "-q", "--all", "--src-tls-verify=false",
                         "docker://" + there("app:v1"), "dir:" + (dir_ / "all").string()}));
}

TEST_F(Promote, AnnotatesAnImage) {
  const auto image = test::put_image(registry_.storage(), "app", {"layer"}, "v1");
  const auto promoted =
      promote(here("app:v1"), there("app:v2"),
              {"--annotation", "a=1", "--annotation", "manifest:b=2", "--annotation", "index:c=3"});
  EXPECT_DONE(promoted);
  EXPECT_THAT(promoted.err, HasSubstr("annotations for indexes are left out"));
  EXPECT_NE(far_.storage().find_tag("app", "v2"), image);
  EXPECT_EQ(annotations(there("app:v2")),
            (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
  EXPECT_DONE(promote(there("app:v2"), there("app:v3"), {"--annotation", "a=4"}));
  EXPECT_EQ(annotations(there("app:v3")),
            (std::map<std::string, std::string>{{"a", "4"}, {"b", "2"}}));
}

TEST_F(Promote, AnnotatesAnIndexAndItsImages) {
  put_index("app", "v1");
  EXPECT_DONE(promote(here("app:v1"), here("app:v2"),
                      {"--annotation", "a=1", "--annotation", "index:c=3"}));
  const Json index = manifest(here("app:v2"));
  EXPECT_EQ(index.string_map("annotations"), (std::map<std::string, std::string>{{"c", "3"}}));
  for (const Json& child : index.items_of("manifests"))
    EXPECT_EQ(annotations(here("app@" + child.at("digest").string())),
              (std::map<std::string, std::string>{{"a", "1"}}));
}

TEST_F(Promote, TakesChartsWhichHaveNoFileSystem) {
  test::write_text(dir_ / "web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n");
  EXPECT_DONE(tote({"push", "-q", "-c", here("charts"), "-f", (dir_ / "web").string()}));
  EXPECT_DONE(
      promote(here("charts/web:1.2.3"), there("stable/web:1.2.3"), {"--annotation", "a=1"}));
  EXPECT_EQ(annotations(there("stable/web:1.2.3")).at("a"), "1");
  EXPECT_DONE(tote({"pull", "-c", there("stable/web:1.2.3"), "-o", (dir_ / "out").string()}));
}

TEST_F(Promote, TakesABundleAloneAndSaysSo) {
  const auto bundle = test::put_bundle(registry_.storage(), "bundle", test::images_lock({}), "v1");
  const auto promoted = promote(here("bundle:v1"), there("bundle:v1"));
  EXPECT_DONE(promoted);
  EXPECT_THAT(promoted.err, HasSubstr("the images that it names stay where they are"));
  EXPECT_EQ(far_.storage().find_tag("bundle", "v1"), bundle);
  EXPECT_THAT(promote(here("bundle:v1"), here("bundle:v2")).err, Not(HasSubstr("bundle")));
}

TEST_F(Promote, RefusesWhatIsTooLarge) {
  test::put_image(registry_.storage(), "app", {std::string(3000, 'x')}, "v1");
  put_index("many", "v1");
  struct Row {
    const char* image;
    const char* limit;
    const char* complaint;
  };
  for (const Row& row : {Row{"app:v1", "1KiB", "exceeds maximum allowed size of 1.0 KiB"},
                         Row{"many:v1", "100", " bytes exceeds maximum allowed size of 100 bytes"},
                         Row{"app:v1", "0", "cross-repository push is disabled"},
                         Row{"many:v1", "0", "cross-repository push is disabled"}}) {
    const auto refused = promote(here(row.image), there("app:v1"), {"--max-size", row.limit});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr(row.complaint), HasSubstr("failed to push image to")));
  }
  EXPECT_EQ(far_.interceptor().count("PUT ") + far_.interceptor().count("POST "), 0U);
  EXPECT_DONE(promote(here("app:v1"), there("app:v1"), {"--max-size", "-1"}));
  EXPECT_DONE(promote(here("many:v1"), there("many:v1"), {"--max-size", "1GiB"}));
}

TEST_F(Promote, ChecksNoSizeInOneRepository) {
  test::put_image(registry_.storage(), "app", {std::string(3000, 'x')}, "v1");
  EXPECT_DONE(promote(here("app:v1"), here("app:v2"), {"--max-size", "0"}));
  EXPECT_DONE(promote(here("app:v1"), here("app:v3"), {"--max-size", "1", "--annotation", "a=b"}));
}

TEST_F(Promote, CopyKnowsTheLimitToo) {
  test::put_image(registry_.storage(), "app", {std::string(3000, 'x')}, "v1");
  const Strings words = {"copy", "-q", "-i", here("app:v1"), "--to-repo", there("app")};
  Strings limited = words;
  limited.insert(limited.end(), {"--max-size", "1KiB"});
  EXPECT_THAT(tote(limited).err, HasSubstr("exceeds maximum allowed size of 1.0 KiB"));
  EXPECT_DONE(tote(words));
}

TEST_F(Promote, SaysWhatIsWrong) {
  test::put_image(registry_.storage(), "app", {"layer"}, "v1");
  const std::string digest = "@sha256:" + std::string(64, '0');
  struct Row {
    std::string from;
    std::string to;
    Strings more;
    std::string complaint;
  };
  for (const Row& row : {
           Row{here("APP:v1"), here("app:v2"), {}, "failed to parse source reference \""},
           Row{here("app:v1"), here("app"), {}, "failed to parse destination reference \""},
           Row{here("app:v1"), here("app" + digest), {}, "failed to parse destination"},
           Row{here("app:v1"), here("app:v1" + digest), {}, "expected a name with a tag"},
           Row{here("app:v1"), here("app//sub:v1"), {}, "expected a whole image"},
           Row{"./file", here("app:v1"), {}, "expected an image in a registry"},
           Row{here("none:v1"), here("app:v2"), {}, "failed to get source artifact \""},
           Row{here("app:v1"), here("app:v2"), {"--annotation", "x"}, "KEY=VALUE"},
           Row{here("app:v1"), here("app:v2"), {"--max-size", "many"}, "--max-size as a size"},
           Row{here("app:v1"),
               here("app:v2"),
               {"--annotation", "a=b", "--include-referrers"},
               "--include-referrers"},
       }) {
    const auto refused = promote(row.from, row.to, row.more);
    EXPECT_EQ(refused.exit_code, 1) << row.complaint;
    EXPECT_THAT(refused.err, HasSubstr(row.complaint));
  }
  EXPECT_FALSE(registry_.storage().find_tag("app", "v2"));
}

TEST_F(Promote, MovesNoTagThatIsNotToMove) {
  test::put_image(registry_.storage(), "app", {"1"}, "v1");
  const auto other = test::put_image(registry_.storage(), "app", {"2"}, "v2");
  const auto refused = promote(here("app:v1"), here("app:v2"), {"--no-overwrite-tags"});
  EXPECT_THAT(refused.err, HasSubstr("would move"));
  EXPECT_EQ(registry_.storage().find_tag("app", "v2"), other);
}

}  // namespace
}  // namespace tote

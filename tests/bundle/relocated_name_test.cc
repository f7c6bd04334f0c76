#include "bundle/relocated_name.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tote::bundle {
namespace {

using testing::HasSubstr;

const oci::Digest kDigest = oci::Digest::of("content");

LockedImage locked(const std::string& repository, const std::string& id) {
  LockedImage image{*oci::Reference::try_parse_digest(repository + "@" + kDigest.str())};
  if (!id.empty()) image.annotations.emplace(kOriginalNameAnnotation, id);
  return image;
}

TEST(OriginalName, IsWhatTheAnnotationSaysOrTheReference) {
  struct Row {
    const char* id;
    std::string name;
  };
  const std::string digest = "@" + kDigest.str();
  for (const Row& row : {
           Row{"nginx", "index.docker.io/library/nginx:latest"},
           Row{"docker.io/library/nginx:1.27", "index.docker.io/library/nginx:1.27"},
           Row{"quay.io/a/b:v1", "quay.io/a/b:v1"},
           Row{"localhost:5000/a/b", "localhost:5000/a/b:latest"},
           Row{"", "near.example/lock"},
           Row{"kbld:what was built here", "near.example/lock"},
           Row{"quay.io/a/b@sha256:12", "near.example/lock"},
       })
    EXPECT_EQ(original_name(locked("near.example/lock", row.id)).name(), row.name) << row.id;
  EXPECT_EQ(parse_original_name("quay.io/a/b:v1" + digest).name(), "quay.io/a/b:v1");
  EXPECT_EQ(parse_original_name("localhost:5000/a/b" + digest).name(), "localhost:5000/a/b");
}

TEST(OriginalName, HasARegistryThatAPathCanHold) {
  struct Row {
    const char* registry;
    const char* in_path;
  };
  for (const Row& row : {Row{"index.docker.io", "docker.io"}, Row{"quay.io", "quay.io"},
                         Row{"localhost:5000", "localhost_5000"}, Row{"Quay.IO:443", "quay.io_443"},
                         Row{"[::1]:5000", "0__1_5000"}, Row{"[fe80::]:5000", "fe80__0_5000"},
                         Row{"[fe80::1]", "fe80__1"}, Row{"10.0.0.1:80", "10.0.0.1_80"}})
    EXPECT_EQ(registry_in_path(row.registry), row.in_path);
}

TEST(RelocatedName, IsBelowThePrefix) {
  struct Row {
    const char* prefix;
    bool strip;
    const char* original;
    std::string name;
  };
  const std::string kept = "sha256-" + kDigest.hex() + ".imgpkg";
  for (const Row& row : {
           Row{"far.example/mirror", false, "nginx:1",
               "far.example/mirror/docker.io/library/nginx:1"},
           Row{"far.example/mirror", true, "nginx:1", "far.example/mirror/library/nginx:1"},
           Row{"far.example:5000", false, "quay.io/ab:v1", "far.example:5000/quay.io/ab:v1"},
           Row{"far.example/m/", true, "localhost:5000/a/b", "far.example/m/a/b:latest"},
           Row{"far.example/m", false, "localhost:5000/a/b",
               "far.example/m/localhost_5000/a/b:latest"},
       })
    EXPECT_EQ(RelocatedName::under(row.prefix, row.strip)
                  .of(parse_original_name(row.original), kDigest)
                  .name(),
              row.name);
  // "sha256-<hex>" alone would be the tag of a list of referrers.
  EXPECT_EQ(RelocatedName::under("far.example/m", false)
                .of(original_name(locked("near.example/ab", "")), kDigest)
                .name(),
            "far.example/m/near.example/ab:" + kept);
}

TEST(RelocatedName, IsWhatATemplateMakesOfTheOriginalName) {
  struct Row {
    const char* text;
    std::string name;
  };
  const std::string digits = kDigest.hex().substr(0, 12);
  for (const Row& row : {
           Row{"far.example/apps/{{.Last}}", "far.example/apps/nginx:1"},
           Row{"far.example:5000/{{.Registry}}/{{.Repository}}:{{.Tag}}",
               "far.example:5000/quay.io/team/nginx:1"},
           Row{"far.example/all:{{.Last}}-{{.Digest12}}", "far.example/all:nginx-" + digits},
           Row{"far.example/{{.Last}}-{{.Tag}}", "far.example/nginx-1:1"},
       })
    EXPECT_EQ(RelocatedName::from_template(row.text)
                  .of(parse_original_name("quay.io/team/nginx:1"), kDigest)
                  .name(),
              row.name);
}

std::string complaint(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.message();
  }
  return "nothing was thrown";
}

TEST(RelocatedName, RefusesWhatIsNoName) {
  for (const char* prefix : {"far.example/a:v1", "far.example/a@sha256:12", "https://far.example/a",
                             "far.example/UP", "", "far.example//a", "far.example/{{.Tag}}"})
    EXPECT_THAT(complaint([&] { RelocatedName::under(prefix, false); }),
                HasSubstr("prefix '" + std::string(prefix) + "'"));
  EXPECT_THAT(complaint([] { RelocatedName::from_template("far.example/{{.Name}}"); }),
              HasSubstr("there is no field '.Name'"));
  const auto fill = [](const char* text) {
    return complaint([&] {
      RelocatedName::from_template(text).of(parse_original_name("quay.io/a/b:v1"), kDigest);
    });
  };
  EXPECT_THAT(fill("far.example/{{.Last}}@{{.Digest12}}"),
              HasSubstr("'quay.io/a/b:v1' can not be copied to 'far.example/b@"));
  EXPECT_THAT(fill("far.example/UP/{{.Last}}"), HasSubstr("can not be copied to"));
}

}  // namespace
}  // namespace tote::bundle

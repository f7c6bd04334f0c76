#include "registry/registries_conf.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::registry {
namespace {

using test::ThrowsError;

// "mirror:5000/path" of each place; what is special about it behind it.
std::vector<std::string> places(const RegistriesConf& conf, const std::string& name) {
  std::vector<std::string> all;
  for (const PullPlace& place : conf.places_of(oci::Repository::parse(name))) {
    std::string text = place.repository.name();
    if (place.is_mirror) text += " mirror";
    if (place.is_insecure) text += " insecure";
    if (place.serves == MirrorServes::kDigests) text += " digests";
    if (place.serves == MirrorServes::kTags) text += " tags";
    all.push_back(text);
  }
  return all;
}

std::vector<std::string> places(const std::string& conf, const std::string& name) {
  return places(RegistriesConf::parse(conf, "registries.conf"), name);
}

TEST(RegistriesConfTest, SaysWhereNamesAreReadFrom) {
  struct Row {
    const char* conf;
    const char* name;
    std::vector<std::string> places;
  };
  for (const Row& row : {
           Row{"", "h.example/a/bb", {"h.example/a/bb"}},
           Row{"[[registry]]\nlocation = 'h.example'\n[[registry.mirror]]\nlocation = 'm:5000'\n"
               "insecure = true\n[[registry.mirror]]\nlocation = 'n.example/all'\n",
               "h.example/a/bb",
               {"m:5000/a/bb mirror insecure", "n.example/all/a/bb mirror", "h.example/a/bb"}},
           Row{"[[registry]]\nprefix = 'h.example/a'\nlocation = 'other.example/x'\n",
               "h.example/a/bb",
               {"other.example/x/bb"}},
           Row{"[[registry]]\nprefix = 'h.example/a'\nlocation = 'other.example/x'\n",
               "h.example/ab",
               {"h.example/ab"}},
           Row{"[[registry]]\nprefix = 'h.example'\nlocation = 'other.example'\n",
               "h.example:5000/ab",
               {"h.example:5000/ab"}},
           Row{"[[registry]]\nprefix = 'docker.io'\nlocation = 'hub.example/proxy'\n",
               "ubuntu",
               {"hub.example/proxy/library/ubuntu"}},
           Row{"[[registry]]\nprefix = 'h.example'\nlocation = 'short.example'\n"
               "[[registry]]\nprefix = 'h.example/a'\nlocation = 'long.example'\n",
               "h.example/a/bb",
               {"long.example/bb"}},
           Row{"[[registry]]\nprefix = '*.example'\nlocation = 'm.internal'\n",
               "a.b.example/img",
               {"m.internal/img"}},
           Row{"[[registry]]\nprefix = '*.example'\nlocation = 'm.internal'\n",
               "example.com/img",
               {"example.com/img"}},
           Row{"[[registry]]\nprefix = '*.example'\nlocation = 'm.internal'\n",
               "h.com/a.example",
               {"h.com/a.example"}},
           Row{"[[registry]]\nprefix = '*.example'\nlocation = 'm.internal'\n"
               "[[registry]]\nprefix = 'a.example'\ninsecure = true\n",
               "a.example/img",
               {"a.example/img insecure"}},
           Row{"[[registry]]\nlocation = 'h.example'\nmirror-by-digest-only = true\n"
               "[[registry.mirror]]\nlocation = 'm.example'\n",
               "h.example/aa",
               {"m.example/aa mirror digests", "h.example/aa"}},
           Row{"[[registry]]\nlocation = 'h.example'\n[[registry.mirror]]\nlocation = 'm.example'\n"
               "pull-from-mirror = 'tag-only'\n[[registry.mirror]]\nlocation = 'n.example'\n"
               "pull-from-mirror = 'digest-only'\n[[registry.mirror]]\nlocation = 'o.example'\n"
               "pull-from-mirror = 'all'\n",
               "h.example/aa",
               {"m.example/aa mirror tags", "n.example/aa mirror digests", "o.example/aa mirror",
                "h.example/aa"}},
           Row{"unqualified-search-registries = ['a']\nshort-name-mode = 'permissive'\n"
               "[aliases]\n'x' = 'y.z/x'\n[[registry]]\nlocation = 'h.example'\nlater = {}\n",
               "h.example/aa",
               {"h.example/aa"}},
       })
    EXPECT_EQ(places(std::string(row.conf), row.name), row.places) << row.conf;
}

TEST(RegistriesConfTest, BlocksWhatItSays) {
  const std::string conf = "[[registry]]\nlocation = 'h.example/bad'\nblocked = true\n";
  EXPECT_THAT(
      [&] { places(conf, "h.example/bad/img"); },
      ThrowsError(ErrorKind::kUsage, "'h.example/bad' is blocked by registries.conf, line 1"));
  EXPECT_EQ(places(conf, "h.example/good").size(), 1U);
}

TEST(RegistriesConfTest, LetsALaterFileTakeThePlaceOfARule) {
  RegistriesConf conf = RegistriesConf::parse(
      "[[registry]]\nlocation = 'a.example'\nblocked = true\n[[registry]]\nlocation = "
      "'b.example'\nblocked = true\n",
      "first");
  conf.add(RegistriesConf::parse("[[registry]]\nprefix = 'a.example'\nlocation = 'c.example'\n",
                                 "second"));
  EXPECT_EQ(places(conf, "a.example/xx"), std::vector<std::string>{"c.example/xx"});
  EXPECT_THAT([&] { places(conf, "b.example/xx"); }, ThrowsError(ErrorKind::kUsage, "first"));
}

TEST(RegistriesConfTest, PutsGivenMirrorsInFront) {
  RegistriesConf conf = RegistriesConf::parse(
      "[[registry]]\nprefix = 'h.example/a'\nlocation = 'h.example/a'\n[[registry.mirror]]\n"
      "location = 'm.example'\n",
      "f");
  conf.add_mirror("h.example", "n.example/x");
  conf.add_mirror("h.example", "o.example");
  EXPECT_EQ(places(conf, "h.example/a/bb"),
            (std::vector<std::string>{"n.example/x/a/bb mirror", "o.example/a/bb mirror",
                                      "m.example/bb mirror", "h.example/a/bb"}));
  RegistriesConf other;
  other.add_mirrors(conf);
  EXPECT_EQ(places(other, "h.example/a/bb").size(), 3U);
  for (const char* bad : {"", "https://m.example", "m.example/", "m.example/a:v1", "a b"})
    EXPECT_THAT([&] { conf.add_mirror("h.example", bad); }, ThrowsError(ErrorKind::kUsage, ""))
        << bad;
}

TEST(RegistriesConfTest, RefusesWhatItCanNotFollow) {
  struct Row {
    const char* conf;
    const char* complaint;
  };
  for (const Row& row : {
           Row{"[registries.search]\nregistries = []\n",
               "registries.conf, line 1: this is version 1"},
           Row{"registry = 'x'\n", "line 1: expected a list"},
           Row{"[[registry]]\ninsecure = true\n", "line 1: a registry has neither prefix nor"},
           Row{"[[registry]]\nlocation = 'https://h.example'\n", "has a scheme"},
           Row{"[[registry]]\nlocation = 'h.example/a:v1'\n", "has a tag or a digest"},
           Row{"[[registry]]\nprefix = '*.a.*'\n", "has more than a host behind"},
           Row{"[[registry]]\nprefix = '*.a/b'\n", "has more than a host behind"},
           Row{"[[registry]]\nlocation = 'h.example'\ninsecure = 'yes'\n", "line 3: expected true"},
           Row{"[[registry]]\nlocation = 'h.example'\n[[registry.mirror]]\ninsecure = true\n",
               "line 3: a mirror has no location"},
           Row{"[[registry]]\nlocation = 'h.example'\n[[registry.mirror]]\nlocation = 'm.example'\n"
               "pull-from-mirror = 'some'\n",
               "line 5: pull-from-mirror 'some' is not known"},
           Row{"[[registry]]\nlocation = 'h.example'\nmirror-by-digest-only = true\n"
               "[[registry.mirror]]\nlocation = 'm.example'\npull-from-mirror = 'all'\n",
               "not both"},
           Row{"[[registry]]\nlocation = 'h.example'\n[[registry]]\nlocation = 'h.example'\n",
               "line 3: 'h.example' is there twice"},
       })
    EXPECT_THAT([&] { RegistriesConf::parse(row.conf, "registries.conf"); },
                ThrowsError(ErrorKind::kParse, row.complaint))
        << row.conf;
}

}  // namespace
}  // namespace tote::registry

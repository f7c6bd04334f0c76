#include "chart/repository_index.h"

#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::chart {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kDigest(64, 'a');

std::string index() {
  return "apiVersion: v1\nentries:\n  web:\n"
         "  - {version: 1.2.0, urls: [web-1.2.0.tgz, mirror/web-1.2.0.tgz], digest: " +
         kDigest +
         "}\n"
         "  - {version: 2.0.0-rc.1, urls: [rc.tgz]}\n"
         "  - {version: 1.10.0, urls: [https://example.org/web.tgz], digest: 'sha256:" +
         kDigest +
         "'}\n"
         "  - {version: 1.11.0, urls: [x.tgz], removed: true}\n"
         "  - {version: 1.12.0}\n"
         "  - {version: none, urls: [none.tgz]}\n"
         "  empty: []\n";
}

TEST(RepositoryIndex, FindsTheVersionThatIsMeant) {
  struct Row {
    const char* wanted;
    const char* version;
  };
  for (const Row& row :
       {Row{"", "1.10.0"}, Row{"1.2.0", "1.2.0"}, Row{"^1.0", "1.10.0"}, Row{"~1.2", "1.2.0"},
        Row{">=2.0.0-0", "2.0.0-rc.1"}, Row{"2.0.0-rc.1", "2.0.0-rc.1"}, Row{"none", "none"}})
    EXPECT_EQ(find_in_index(index(), "index", "web", row.wanted).version, row.version)
        << row.wanted;
  const IndexEntry entry = find_in_index(index(), "index", "web", "1.2.0");
  EXPECT_THAT(entry.urls, ElementsAre("web-1.2.0.tgz", "mirror/web-1.2.0.tgz"));
  EXPECT_EQ(entry.digest, kDigest);
  EXPECT_EQ(find_in_index(index(), "index", "web", "1.10.0").digest, kDigest);
}

TEST(RepositoryIndex, SaysWhatIsNotThere) {
  struct Row {
    std::string index;
    const char* chart;
    const char* wanted;
    ErrorKind kind;
    const char* complaint;
  };
  for (const Row& row : {
           Row{index(), "web", "^3", ErrorKind::kNotFound, "no version '^3' of chart 'web'"},
           Row{index(), "web", "1.11.0", ErrorKind::kNotFound, "no version '1.11.0'"},
           Row{index(), "wob", "", ErrorKind::kNotFound, "has no chart 'wob'"},
           Row{index(), "empty", "", ErrorKind::kNotFound, "no version '*' of chart 'empty'"},
           Row{"a: b", "web", "", ErrorKind::kParse, "is no index of charts"},
           Row{"<html>", "web", "", ErrorKind::kParse, "index"},
           Row{"entries: {web: [{version: 1.0.0, urls: [x], digest: abc}]}", "web", "",
               ErrorKind::kParse, "'abc' is no digest of SHA-256"},
       }) {
    try {
      find_in_index(row.index, "index", row.chart, row.wanted);
      ADD_FAILURE() << row.complaint;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), row.kind) << error.message();
      EXPECT_THAT(error.message(), HasSubstr(row.complaint));
    }
  }
}

}  // namespace
}  // namespace tote::chart

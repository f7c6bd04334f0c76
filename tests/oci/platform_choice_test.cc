#include "oci/platform_choice.h"

#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

// "linux/amd64" as a child's platform; "" says nothing; "?" is "unknown/unknown". Behind "<" which
// other child an attestation is about.
std::string child(const std::string& text, std::size_t number) {
  const std::size_t about = text.find('<');
  const std::string name = text.substr(0, about);
  std::string members;
  if (name == "?") {
    members = R"(,"platform":{"os":"unknown","architecture":"unknown"})";
  } else if (!name.empty()) {
    const std::size_t first = name.find('/');
    const std::size_t second = name.find('/', first + 1);
    members = fmt::format(R"(,"platform":{{"os":"{}","architecture":"{}"{}}})",
                          name.substr(0, first), name.substr(first + 1, second - first - 1),
                          second == std::string::npos
                              ? ""
                              : fmt::format(R"(,"variant":"{}")", name.substr(second + 1)));
  }
  if (about != std::string::npos)
    members += fmt::format(R"(,"annotations":{{"vnd.docker.reference.digest":"{}"}})",
                           Digest::of(text.substr(about + 1)).str());
  return fmt::format(
      R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":1{}}})",
      Digest::of(std::to_string(number)).str(), members);
}

ManifestPtr index_of(const std::vector<std::string>& children) {
  std::string list;
  for (std::size_t i = 0; i < children.size(); ++i)
    list += (list.empty() ? "" : ",") + child(children[i], i);
  return Manifest::parse(fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", list), "");
}

// Which of the children, by their numbers.
std::string chosen(const std::vector<std::string>& wanted,
                   const std::vector<std::string>& children) {
  const std::vector<bool> choice = PlatformChoice::parse(wanted).of(*index_of(children));
  std::string numbers;
  for (std::size_t i = 0; i < choice.size(); ++i)
    if (choice[i]) numbers += std::to_string(i);
  return numbers;
}

TEST(PlatformChoice, TakesTheBestForEachPlatform) {
  struct Row {
    std::vector<std::string> wanted;
    std::vector<std::string> children;
    const char* chosen;
  };
  for (const Row& row : std::vector<Row>{
           {{}, {"linux/amd64", "linux/arm64", "?<0"}, "012"},
           {{"linux/amd64"}, {"linux/amd64", "linux/arm64"}, "0"},
           {{"linux/amd64", "linux/arm64"}, {"linux/amd64", "linux/s390x", "linux/arm64"}, "02"},
           {{"linux/arm64"}, {"linux/amd64", "linux/arm64/v8"}, "1"},
           {{"linux/arm64/v8"}, {"linux/arm64"}, "0"},
           {{"linux/arm64"}, {"linux/arm/v6", "linux/arm/v7"}, "1"},
           {{"linux/arm64"}, {"linux/arm64/v9"}, ""},
           {{"linux/arm64/v9"}, {"linux/arm64/v8.5", "linux/arm64"}, "0"},
           {{"linux/arm64/v9"}, {"linux/arm64/v8.6"}, ""},
           {{"linux/arm64/v8.2"}, {"linux/arm64/v8", "linux/arm64/v8.1", "linux/arm64/v8.3"}, "1"},
           {{"linux/arm/v7"}, {"linux/arm/v5", "linux/arm/v6"}, "1"},
           {{"linux/arm/v6"}, {"linux/arm/v7", "linux/arm/v5"}, "1"},
           {{"linux/arm/v6"}, {"linux/arm"}, ""},
           {{"linux/arm"}, {"linux/arm/v7", "linux/arm/v8"}, "0"},
           {{"linux/arm/v7"}, {"linux/arm"}, "0"},
           {{"linux/amd64"}, {"linux/386"}, "0"},
           {{"linux/amd64"}, {"linux/amd64/v3", "linux/386"}, "1"},
           {{"linux/amd64/v3"}, {"linux/amd64", "linux/amd64/v2", "linux/amd64/v4"}, "1"},
           {{"linux/amd64"}, {"linux/amd64/v1"}, "0"},
           {{"linux/amd64"}, {"windows/amd64"}, ""},
           {{"windows/amd64"}, {"windows/amd64", "linux/amd64", "windows/amd64"}, "02"},
           {{"linux/riscv64"}, {"linux/amd64"}, ""},
           {{"linux/amd64"}, {"", "linux/arm64"}, "0"},
           {{"linux/amd64"}, {"linux/amd64", "linux/arm64", "?<0", "?<1", "?"}, "02"},
           {{"linux/amd64"}, {"Linux/AMD64"}, "0"},
       })
    EXPECT_EQ(chosen(row.wanted, row.children), row.chosen)
        << fmt::format("{} of {}", fmt::join(row.wanted, ","), fmt::join(row.children, " "));
}

// An attestation names its image by that one's digest.
TEST(PlatformChoice, LetsAttestationsFollowTheirImages) {
  EXPECT_EQ(chosen({"linux/arm64"}, {"linux/amd64", "linux/arm64", "?<0", "?<1"}), "13");
}

TEST(PlatformChoice, KnowsWhatIsMissing) {
  const auto missing = [](const std::vector<std::string>& wanted,
                          const std::vector<std::string>& children) {
    return PlatformChoice(PlatformChoice::parse(wanted).missing_in(*index_of(children))).name();
  };
  EXPECT_EQ(missing({"linux/amd64", "linux/arm64"}, {"linux/amd64"}), "linux/arm64");
  EXPECT_EQ(missing({"linux/amd64"}, {"linux/amd64"}), "");
  EXPECT_EQ(missing({"linux/amd64"}, {"linux/arm64", ""}), "") << "it may be for any";
}

TEST(PlatformChoice, IsReadAsItIsWritten) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"linux/amd64"}, {"linux/arm/v7", "windows/amd64"}})
    EXPECT_EQ(PlatformChoice::parse(names).name(), fmt::format("{}", fmt::join(names, ",")));
  EXPECT_EQ(PlatformChoice::parse({"linux/arm64/v8", "linux/arm"}).name(),
            "linux/arm64,linux/arm/v7");
  EXPECT_THAT(
      [] {
        PlatformChoice::parse({"linux/arm64", "linux/arm64/v8"});
      },
      ThrowsError(ErrorKind::kUsage, "is named twice"));
  EXPECT_THAT([] { PlatformChoice::parse({"linux"}); },
              ThrowsError(ErrorKind::kUsage, "expected OS/ARCHITECTURE"));
}

TEST(PlatformChoice, ListsWhatAnIndexHas) {
  EXPECT_EQ(list_platforms(*index_of({"linux/amd64", "linux/arm/v7", "?<0"})),
            "linux/amd64, linux/arm/v7");
  EXPECT_EQ(list_platforms(*index_of({""})), "none");
}

}  // namespace
}  // namespace tote::oci

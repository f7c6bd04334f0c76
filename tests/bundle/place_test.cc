#include "bundle/place.h"

#include "base/error.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct Row {
  const char* name;
  const char* text;
  const char* written;    // to_text() of what it is
  const char* reference;  // of an image; "" for anything else
};
class GoodPlace : public testing::TestWithParam<Row> {};

// What exists has "there" in its name.
bool exists(const std::filesystem::path& path) {
  return path.string().find("there") != std::string::npos;
}

TEST_P(GoodPlace, IsReadAndWrittenSoThatItStaysTheSame) {
  const Place place = parse_place(GetParam().text, exists);
  EXPECT_EQ(to_text(place), GetParam().written);
  for (const bool all : {false, true})
    EXPECT_EQ(to_text(parse_place(to_text(place), [&](const auto&) { return all; })),
              GetParam().written);
  const auto* image = std::get_if<RegistryPlace>(&place);
  EXPECT_EQ(image == nullptr ? "" : image->reference().name(), GetParam().reference);
}

INSTANTIATE_TEST_SUITE_P(
    Images, GoodPlace,
    testing::Values(
        Row{"Oci", "oci://h.io/p1", "oci://h.io/p1", "h.io/p1:latest"},
        Row{"Port", "oci://localhost:5000/a/b:v1", "oci://localhost:5000/a/b:v1",
            "localhost:5000/a/b:v1"},
        Row{"UpperCaseTag", "oci://h.io/p1:V1.0_x", "oci://h.io/p1:V1.0_x", "h.io/p1:V1.0_x"},
        Row{"UpperCaseHost", "oci://H.IO/p1", "oci://H.IO/p1", "H.IO/p1:latest"},
        Row{"Digest", "oci://h.io/p1@sha256:" A64, "oci://h.io/p1@sha256:" A64,
            "h.io/p1@sha256:" A64},
        Row{"TagAndDigest", "oci://h.io/p1:v1@sha256:" A64, "oci://h.io/p1:v1@sha256:" A64,
            "h.io/p1@sha256:" A64},
        Row{"Sub", "oci://h.io/p1//sub/dir", "oci://h.io/p1//sub/dir", "h.io/p1:latest"},
        Row{"SubTagDigest", "oci://h.io:1/p1//s:v@sha256:" A64, "oci://h.io:1/p1//s:v@sha256:" A64,
            "h.io:1/p1@sha256:" A64},
        Row{"SubWithABlank", "oci://h.io/p1//my dir:v", "oci://h.io/p1//my dir:v", "h.io/p1:v"},
        Row{"Ipv6", "oci://[::1]:5000/p1:v", "oci://[::1]:5000/p1:v", "[::1]:5000/p1:v"},
        Row{"Ipv6WithoutPort", "oci://[fe80::1]/p1", "oci://[fe80::1]/p1", "[fe80::1]/p1:latest"},
        Row{"Ipv4", "127.0.0.1:5000/p1", "oci://127.0.0.1:5000/p1", "127.0.0.1:5000/p1:latest"},
        Row{"Docker", "docker://h.io/p1:v", "oci://h.io/p1:v", "h.io/p1:v"},
        Row{"DockerHub", "docker://ubuntu:22.04", "oci://index.docker.io/library/ubuntu:22.04",
            "index.docker.io/library/ubuntu:22.04"},
        Row{"DockerHubByName", "oci://docker.io/ubuntu", "oci://index.docker.io/library/ubuntu",
            "index.docker.io/library/ubuntu:latest"},
        Row{"DockerHubOfSomebody", "docker://ann/app", "oci://index.docker.io/ann/app",
            "index.docker.io/ann/app:latest"},
        Row{"Bare", "h.io/p1:v", "oci://h.io/p1:v", "h.io/p1:v"},
        Row{"BareSub", "h.io/p1//sub:v", "oci://h.io/p1//sub:v", "h.io/p1:v"},
        Row{"BareShort", "ubuntu", "oci://index.docker.io/library/ubuntu",
            "index.docker.io/library/ubuntu:latest"},
        Row{"BareThatCouldBeAFile", "app.txt", "oci://index.docker.io/library/app.txt",
            "index.docker.io/library/app.txt:latest"},
        Row{"BareDigest", "h.io/p1@sha256:" A64, "oci://h.io/p1@sha256:" A64,
            "h.io/p1@sha256:" A64}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Files, GoodPlace,
    testing::Values(
        Row{"Layout", "oci:dir", "oci:dir", ""}, Row{"LayoutAbsolute", "oci:/dir", "oci:/dir", ""},
        Row{"LayoutTrailingSlash", "oci:dir/", "oci:dir/", ""},
        Row{"LayoutWithColons", "oci:a:b:c", "oci:a:b:c", ""},
        Row{"OciArchive", "oci-archive:a.tar", "oci-archive:a.tar", ""},
        Row{"DockerArchive", "docker-archive:/x/a b.tar", "docker-archive:/x/a b.tar", ""},
        Row{"ArchiveOfADoubleSlash", "oci-archive://x", "oci-archive:/x", ""},
        Row{"Relative", "./nothing", "./nothing", ""}, Row{"Up", "../nothing", "../nothing", ""},
        Row{"Absolute", "/nothing", "/nothing", ""}, Row{"Here", ".", ".", ""},
        Row{"Above", "..", "..", ""}, Row{"DashAsAFile", "./-", "./-", ""},
        Row{"Existing", "there.tar", "./there.tar", ""},
        Row{"ExistingBelow", "out/there", "./out/there", ""},
        Row{"ExistingTrailingSlash", "there/", "./there/", ""},
        Row{"ExistingUpperCase", "There/thereX", "./There/thereX", ""},
        Row{"ExistingBlank", "my there", "./my there", ""},
        Row{"ExistingScheme", "x://there", "./x://there", ""},
        Row{"ExistingBackslash", "C:\\there", "./C:\\there", ""},
        Row{"PathThatLooksLikeAnImage", "./h.io/there:v", "./h.io/there:v", ""},
        Row{"Stream", "-", "-", ""}),
    [](const auto& row) { return row.param.name; });

struct Bad {
  const char* name;
  std::string text;
  const char* complaint;
  const char* hint = "";  // a part of it
};
class BadPlace : public testing::TestWithParam<Bad> {};

TEST_P(BadPlace, IsRefusedWithWhatToWrite) {
  try {
    const Place place = parse_place(GetParam().text, exists);
    FAIL() << to_text(place);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), testing::HasSubstr(GetParam().complaint));
    EXPECT_THAT(error.hint(), testing::HasSubstr(GetParam().hint));
    EXPECT_THAT(error.message() + error.hint(), testing::Not(testing::HasSubstr("hush")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPlace,
    testing::Values(
        Bad{"Nothing", "", "expected a place, got ''", "oci://HOST/PATH"},
        Bad{"OciOfNothing", "oci:", "expected a path behind 'oci:'"},
        Bad{"OciArchiveOfNothing", "oci-archive:", "expected a path behind 'oci-archive:'"},
        Bad{"DockerArchiveOfNothing", "docker-archive:", "expected a path behind"},
        Bad{"OciImageOfNothing", "oci://", "behind 'oci://': there is no host"},
        Bad{"NoHost", "oci:///x", "there is no host"},
        Bad{"MistypedArchive", "app.tar.zst", "'app.tar.zst' is no path that exists",
            "docker://app.tar.zst"},
        Bad{"MistypedArchiveInADirectory", "out/app.tar", "'out/app.tar' is no path that exists",
            "docker://out/app.tar"},
        Bad{"DockerImageOfNothing", "docker://", "a repository name must be specified"},
        Bad{"NoRepository", "oci://h.io/", "between 2 and 255 characters"},
        Bad{"HostAlone", "oci://h.io", "'h.io' has no host with a dot or a port in front"},
        Bad{"HostWithoutDot", "oci://localhost/p1", "'localhost/p1' has no host with a dot",
            "docker://localhost/p1"},
        Bad{"DockerLocalhost", "docker://localhost/p1", "may be of this machine or of Docker Hub",
            "docker://localhost:5000/app"},
        Bad{"BareLocalhost", "localhost/p1", "may be of this machine or of Docker Hub"},
        Bad{"SubLeadsUp", "oci://h.io/p1//../x", "has an empty, '.' or '..' component: ../x"},
        Bad{"SubStandsStill", "oci://h.io/p1//a/./x", "has an empty, '.' or '..' component"},
        Bad{"SubIsEmpty", "oci://h.io/p1//", "has an empty, '.' or '..' component"},
        Bad{"SubEndsInASlash", "oci://h.io/p1//a/", "has an empty, '.' or '..' component"},
        Bad{"TwoSubs", "oci://h.io/p1//a//b", "has an empty, '.' or '..' component"},
        Bad{"SubIsLong", "oci://h.io/p1//" + std::string(5000, 'a'), "longer than 4096 bytes"},
        Bad{"SubWithALineBreak", "oci://h.io/p1//a\nb", "has control characters in it"},
        Bad{"TagInFrontOfTheSub", "oci://h.io/p1:v1//sub", "the tag stands in front of the path",
            "//SUB:TAG"},
        Bad{"TagWithSlashes", "oci://h.io/p1:v//1", "the tag stands in front of the path"},
        Bad{"EmptyTag", "oci://h.io/p1:", "'' is no tag"},
        Bad{"WrongTag", "oci://h.io/p1:v 1", "'v 1' is no tag"},
        Bad{"WrongDigest", "oci://h.io/p1@sha256:abc", "sha256:abc"},
        Bad{"DigestInFrontOfTheTag", "oci://h.io/p1@sha256:" A64 ":v", "sha256:"},
        Bad{"TrailingSlash", "oci://h.io/p1/", "empty, '.' or '..' component"},
        Bad{"UpperCasePath", "oci://h.io/P1", "repository can only contain"},
        Bad{"UpInTheRepository", "oci://h.io/../p1", "empty, '.' or '..' component"},
        Bad{"Query", "oci://h.io/p1?x=1", "repository can only contain"},
        Bad{"Blank", "oci://h.io/p 1", "repository can only contain"},
        Bad{"BlankHost", "oci://h .io/p1", "valid RFC 3986 URI authorities"},
        Bad{"LeadingBlank", " h.io/p1", "is no path that exists, and no image"},
        Bad{"Password", "oci://ann:hush@h.io/p1", "holds no user and no password", "log in"},
        Bad{"BarePassword", "ann:hush@h.io/p1", "holds no user and no password"},
        Bad{"PasswordWithoutAPath", "ann:hush@h.io", "'...@h.io' is no path that exists"},
        Bad{"WindowsPath", "C:\\x", "'C:\\x' is no path that exists, and no image"},
        Bad{"Home", "~/x", "'~/x' is no path that exists, and no image"},
        Bad{"Nul", std::string("a\0b", 3), "no NUL"},
        Bad{"NulInAPath", std::string("./a\0b", 5), "no NUL"},
        Bad{"Http", "https://h.io/p1", "'https://' is no kind of place", "oci://HOST/PATH"},
        Bad{"UpperCaseScheme", "OCI://h.io/p1", "'OCI://' is no kind of place"},
        Bad{"DirectoryOfSkopeo", "dir:x", "tote does not read 'dir:'"},
        Bad{"Storage", "containers-storage:x", "tote does not read 'containers-storage:'"},
        Bad{"HostAndPath", "there.io/p1", "'there.io/p1' may be a file or an image",
            "the file is './there.io/p1', the image 'oci://there.io/p1'"},
        Bad{"TagAndPath", "there:v1", "'there:v1' may be a file or an image",
            "the file is './there:v1', the image 'oci://index.docker.io/library/there:v1'"},
        Bad{"SubAndPath", "ann/there//sub", "may be a file or an image",
            "the file is './ann/there//sub'"}),
    [](const auto& row) { return row.param.name; });

TEST(Place, IsAPathIfThereIsSuchAFile) {
  const test::TempDir dir;
  const std::string name = (dir / "app").string();
  EXPECT_FALSE(is_there(name));
  test::write_text(name, "");
  EXPECT_TRUE(is_there(name));
  std::filesystem::create_symlink("nowhere", dir / "link");
  EXPECT_TRUE(is_there(dir / "link")) << "whoever opens it says where it leads";
}

TEST(Place, OfALayoutIsNoHost) {
  EXPECT_EQ(to_text(FilePlace{FileFormat::kLayout, "//h.io/p1"}), "oci:/h.io/p1");
}

TEST(Place, KnowsWhatWasWritten) {
  const auto image = std::get<RegistryPlace>(parse_place("oci://h.io/p1//sub@sha256:" A64));
  EXPECT_EQ(image.repository.name(), "h.io/p1");
  EXPECT_EQ(image.sub_path, "sub");
  EXPECT_EQ(image.tag, "");
  EXPECT_EQ(std::get<FilePlace>(parse_place("oci:a:b")), (FilePlace{FileFormat::kLayout, "a:b"}));
}

}  // namespace
}  // namespace tote::bundle

// Helm charts as OCI artifacts: push -c, pull -c, copy -c, as a user types them.
#include "base/json.h"
#include "chart/chart_package.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"
#include "tests/support/web_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using Strings = std::vector<std::string>;

constexpr const char* kLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

class ChartArtifacts : public testing::Test {
 protected:
  ChartArtifacts() { write_chart("web", "1.2.3+b1"); }

  void write_chart(const std::string& name, const std::string& version) const {
    test::write_text(dir_ / name / "Chart.yaml",
                     "apiVersion: v2\nname: " + name + "\nversion: " + version +
                         "\ndescription: A server\nhome: https://example.org\n");
    test::write_text(dir_ / name / "values.yaml", "a: 1\n");
    test::write_text(dir_ / name / "templates/web.yaml", "kind: Deployment\n");
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  // The bytes of a package of the chart with this version, and where it lies.
  std::string package(const std::string& version) const {
    write_chart("web", version);
    const std::string bytes = chart::package_chart(dir_ / "web").bytes;
    test::write_text(dir_ / ("web-" + version + ".tgz"), bytes);
    return bytes;
  }
  std::string charts() const { return registry_.address() + "/charts"; }
  static std::string digest_in(const test::ProgramResult& result) {
    EXPECT_DONE(result);
    return result.exit_code == 0 ? Json::parse(result.out, "result").at("digest").string() : "";
  }
  std::string manifest(const std::string& name) const {
    return test::run({"skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + name}).out;
  }

  test::TempDir dir_;
  mutable test::TestRegistry registry_;
};

TEST_F(ChartArtifacts, APushedChartIsWhatHelmWouldPush) {
  EXPECT_DONE(tote({"push", "-c", "oci://" + charts(), "-f", path("web")}));
  const std::string bytes = chart::package_chart(dir_ / "web").bytes;
  const std::string config =
      R"({"name":"web","home":"https://example.org","version":"1.2.3+b1","description":"A server","apiVersion":"v2"})";
  EXPECT_EQ(
      manifest(charts() + "/web:1.2.3_b1"),
      fmt::format(
          R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json",)"
          R"("digest":"{}","size":{}}},"layers":[{{"mediaType":"{}","digest":"{}","size":{}}}],)"
          R"("annotations":{{"org.opencontainers.image.description":"A server",)"
          R"("org.opencontainers.image.title":"web",)"
          R"("org.opencontainers.image.url":"https://example.org",)"
          R"("org.opencontainers.image.version":"1.2.3+b1"}}}})",
          oci::Digest::of(config).str(), config.size(), kLayer, oci::Digest::of(bytes).str(),
          bytes.size()));
  EXPECT_EQ(tote({"tag", "list", "-i", charts() + "/web", "--imgpkg-internal-tags"}).out,
            "1.2.3_b1\n");
}

TEST_F(ChartArtifacts, ADirectoryAndItsPackageAreOneChart) {
  const std::string one = digest_in(tote({"push", "-c", charts(), "-f", path("web"), "--json"}));
  package("1.2.3+b1");
  EXPECT_EQ(digest_in(tote({"push", "-c", charts() + "/web:1.2.3_b1", "-f",
                            path("web-1.2.3+b1.tgz"), "--json"})),
            one);
  const auto timed = tote({"push", "-c", registry_.address() + "/timed", "-f", path("web"),
                           "--created", "@0", "--json"});
  EXPECT_NE(digest_in(timed), one);
  EXPECT_THAT(manifest(registry_.address() + "/timed/web:1.2.3_b1"),
              HasSubstr(R"("org.opencontainers.image.created":"1970-01-01T00:00:00Z")"));
}

TEST_F(ChartArtifacts, GoThereAndBackWithTheirProvenance) {
  const std::string bytes = package("1.2.3+b1");
  test::write_text(dir_ / "web-1.2.3+b1.tgz.prov", "-----BEGIN PGP SIGNED MESSAGE-----\n");
  EXPECT_DONE(tote({"push", "-c", charts(), "-f", path("web-1.2.3+b1.tgz")}));
  EXPECT_DONE(tote({"pull", "-c", charts() + "/web", "--packed", "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/web-1.2.3+b1.tgz"), bytes);
  EXPECT_EQ(test::read_text(dir_ / "out/web-1.2.3+b1.tgz.prov"),
            "-----BEGIN PGP SIGNED MESSAGE-----\n");
  const auto files =
      tote({"pull", "-c", "oci://" + charts() + "/web:1.2.3_b1", "-o", path("files"), "--json"});
  EXPECT_DONE(files);
  EXPECT_EQ(Json::parse(files.out, "result").at("version").string(), "1.2.3+b1");
  EXPECT_EQ(test::read_text(dir_ / "files/web/templates/web.yaml"), "kind: Deployment\n");
}

TEST_F(ChartArtifacts, AreCopiedEverywhere) {
  const std::string digest = digest_in(tote({"push", "-c", charts(), "-f", path("web"), "--json"}));
  const std::string far = registry_.address() + "/far/web";
  const test::DockerRegistry docker(dir_, "docker");
  EXPECT_DONE(tote({"copy", "-q", "-c", charts() + "/web", "--to-tar", path("web.tar")}));
  EXPECT_DONE(tote({"copy", "-q", "--tar", path("web.tar"), "--to-repo", docker.address() + "/web",
                    "--to-prefix", docker.address() + "/mirror"}));
  EXPECT_DONE(tote({"copy", "-q", "-c", docker.address() + "/web", "--version", "^1", "--to-repo",
                    far + ":stable"}));
  EXPECT_THAT(tote({"tag", "resolve", "-i", far + ":stable"}).out, HasSubstr(digest));
  std::string host = registry_.address();
  host.replace(host.find(':'), 1, "_");
  EXPECT_THAT(tote({"tag", "resolve", "-i",
                    fmt::format("{}/mirror/{}/charts/web:1.2.3_b1", docker.address(), host)})
                  .out,
              HasSubstr(digest));
  EXPECT_DONE(tote({"pull", "-c", charts() + "/web", "--tar", path("web.tar"), "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/web/values.yaml"), "a: 1\n");
  EXPECT_DONE(tote({"push", "-c", charts(), "-f", path("web"), "--to-layout", path("layout")}));
  EXPECT_DONE(tote(
      {"pull", "-c", charts() + "/web:1.2.3_b1", "--layout", path("layout"), "-o", path("out2")}));
}

TEST_F(ChartArtifacts, AVersionIsChosenAmongTheTags) {
  for (const char* version : {"1.2.0", "1.10.0", "2.0.0-rc.1"}) {
    write_chart("web", version);
    EXPECT_DONE(tote({"push", "-q", "-c", charts(), "-f", path("web")}));
  }
  test::put_image(registry_.storage(), "charts/web", {"other"}, "latest");
  struct Row {
    Strings flags;
    const char* version;
  };
  for (const Row& row :
       {Row{{}, "1.10.0"}, Row{{"--version", "~1.2"}, "1.2.0"},
        Row{{"--version", ">=2-0"}, "2.0.0-rc.1"}, Row{{"--version", "1.2.0"}, "1.2.0"}}) {
    Strings words = {"pull", "-c", charts() + "/web", "-o", path("out"), "--json"};
    words.insert(words.end(), row.flags.begin(), row.flags.end());
    const auto pulled = tote(words);
    EXPECT_DONE(pulled);
    EXPECT_THAT(pulled.out, HasSubstr(fmt::format(R"("version":"{}")", row.version)));
  }
  const auto none = tote({"pull", "-c", charts() + "/web", "--version", "^3", "-o", path("no")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("has no version '^3'"));
}

TEST_F(ChartArtifacts, ATagIsResolvedByARangeOfVersions) {
  for (const char* tag : {"1.2.0", "1.10.0_b1", "2.0.0", "3.0.0-rc.1", "latest", "9"})
    test::put_image(registry_.storage(), "app", {tag}, tag);
  const auto resolve = [&](const std::string& range) {
    return tote({"tag", "resolve", "-i", registry_.address() + "/app", "--semver", range});
  };
  struct Row {
    const char* range;
    const char* tag;
  };
  for (const Row& row : {Row{">=1.2 <2", "1.10.0_b1"}, Row{"*", "2.0.0"}, Row{"1.2.0", "1.2.0"}})
    EXPECT_THAT(resolve(row.range).out,
                HasSubstr(registry_.storage().find_tag("app", row.tag)->str()));
  const auto none = resolve("^4");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err,
              HasSubstr("could not locate a version matching provided version string ^4"));
}

TEST_F(ChartArtifacts, OfOldMediaTypesAreReadWithANotice) {
  const std::string bytes = package("1.2.3");
  const std::string config = R"({"name":"web","version":"1.2.3"})";
  test::put_blob(registry_.storage(), "old/web", bytes);
  test::put_blob(registry_.storage(), "old/web", config);
  test::put_manifest(
      registry_.storage(), "old/web", "application/vnd.oci.image.manifest.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/tar+gzip","digest":"{}","size":{}}}]}})",
          oci::Digest::of(config).str(), config.size(), oci::Digest::of(bytes).str(), bytes.size()),
      "1.2.3");
  const auto pulled = tote({"pull", "-c", registry_.address() + "/old/web", "-o", path("out")});
  EXPECT_DONE(pulled);
  EXPECT_THAT(pulled.err, HasSubstr("has the media type application/tar+gzip"));
}

TEST_F(ChartArtifacts, WhatIsNoChartIsRefused) {
  test::put_image(registry_.storage(), "app", {"layer"}, "1.0.0");
  const std::string app = registry_.address() + "/app:1.0.0";
  EXPECT_THAT(tote({"pull", "-c", app, "-o", path("out")}).err, HasSubstr("is no chart"));
  EXPECT_THAT(tote({"copy", "-c", app, "--to-tar", path("t")}).err, HasSubstr("is no chart"));
  struct Row {
    Strings words;
    const char* complaint;
  };
  for (const Row& row : {
           Row{{"-c", charts() + "/web:9.9.9", "-f", path("web")}, "ends in '/web:1.2.3_b1'"},
           Row{{"-c", charts() + "/wob:1.2.3_b1", "-f", path("web")}, "ends in '/web:1.2.3_b1'"},
           Row{{"-c", charts()}, "Expected one --file (-f)"},
           Row{{"-c", charts(), "-f", path("web"), "-f", path("web")}, "Expected one --file (-f)"},
           Row{{"-c", charts(), "-f", path("web"), "-b", "x"}, "bundle"},
           Row{{"-c", charts(), "-f", path("web"), "--user", "0"}, "--user can only be used with"},
           Row{{"-c", charts(), "-f", path("web"), "--file-exclusion", "x"}, ".helmignore"},
           Row{{"-c", charts(), "-f", path("web/templates")}, "there is no Chart.yaml"},
       }) {
    Strings words = {"push"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    const auto refused = tote(words);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr(row.complaint));
  }
}

// ---- classic repositories ----------------------------------------------------------------------

constexpr const char* kSigned = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n";

class ClassicRepository : public ChartArtifacts {
 protected:
  ClassicRepository()
      : web_(
            testregistry::ServerTls{test::read_text(tls_.certificate), test::read_text(tls_.key)}) {
    add("1.2.0", "files/web-1.2.0.tgz");
    add("1.10.0", web_.url() + "/charts/files/web-1.10.0.tgz");
  }

  void add(const std::string& version, const std::string& url, std::string digest = {}) {
    const std::string bytes = package(version);
    web_.put("/charts/files/web-" + version + ".tgz", bytes);
    if (digest.empty()) digest = oci::Digest::of(bytes).hex();
    index_ +=
        fmt::format("  - {{version: {}, urls: ['{}'], digest: '{}'}}\n", version, url, digest);
    web_.put("/charts/index.yaml", index_);
  }
  Strings from(const Strings& command, const Strings& more = {}) const {
    Strings words = command;
    for (const std::string& word :
         {std::string("-c"), std::string("web"), std::string("--repo"), web_.url() + "/charts",
          std::string("--registry-ca-cert-path"), tls_.certificate.string()})
      words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Strings pull(const Strings& more = {}) const {
    return from({"pull", "-o", path("out"), "--packed"}, more);
  }

  const test::TempDir tls_dir_;
  const test::TlsFiles tls_{tls_dir_};
  test::WebServer web_;
  std::string index_ = "apiVersion: v1\nentries:\n  web:\n";
};

TEST_F(ClassicRepository, ChartsAreCopiedFromIt) {
  EXPECT_DONE(tote(from({"copy", "-q", "--to-repo", registry_.address() + "/charts/web"})));
  // As if it had been pushed from here.
  const std::string pushed = digest_in(
      tote({"push", "-c", registry_.address() + "/mine", "-f", path("web-1.10.0.tgz"), "--json"}));
  EXPECT_THAT(tote({"tag", "resolve", "-i", charts() + "/web:1.10.0"}).out, HasSubstr(pushed));
  EXPECT_DONE(tote(from({"copy", "-q", "--to-tar", path("web.tar")}, {"--version", "~1.2"})));
  EXPECT_DONE(tote({"copy", "-q", "--tar", path("web.tar"), "--to-repo", charts() + "/web"}));
  EXPECT_DONE(tote({"tag", "resolve", "-i", charts() + "/web:1.2.0"}));
  EXPECT_DONE(tote(from({"copy", "-q", "--to-layout", path("layout")})));
}

TEST_F(ClassicRepository, ChartsArePulledFromIt) {
  EXPECT_DONE(tote(pull()));
  EXPECT_EQ(test::read_text(dir_ / "out/web-1.10.0.tgz"), test::read_text(dir_ / "web-1.10.0.tgz"));
  web_.put("/charts/files/web-1.2.0.tgz.prov", kSigned);
  EXPECT_DONE(tote(pull({"--version", "1.2.0"})));
  EXPECT_EQ(test::read_text(dir_ / "out/web-1.2.0.tgz.prov"), kSigned);
}

TEST_F(ClassicRepository, WhatIsNotSignedIsNoProvenance) {
  web_.put("/charts/files/web-1.10.0.tgz.prov", "<html>not found</html>");
  EXPECT_DONE(tote(pull()));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out/web-1.10.0.tgz.prov"));
  // Another host may want a password for what it does not have.
  test::WebServer other(
      testregistry::ServerTls{test::read_text(tls_.certificate), test::read_text(tls_.key)});
  other.lock("me:secret");
  add("1.11.0", web_.url() + "/charts/files/web-1.11.0.tgz");
  web_.lead("/charts/files/web-1.11.0.tgz.prov", other.url() + "/p");
  const auto ours = tote(pull());
  EXPECT_EQ(ours.exit_code, 1) << "the repository itself led there";
}

TEST_F(ClassicRepository, WhatIsNotWhatTheIndexSaysIsRefused) {
  add("3.0.0", "files/web-3.0.0.tgz", std::string(64, '0'));
  add("4.0.0", "files/web-3.0.0.tgz", oci::Digest::of(package("3.0.0")).hex());
  const auto other = tote(pull({"--version", "3.0.0"}));
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("the index wants sha256:0000"));
  const auto renamed = tote(pull({"--version", "4.0.0"}));
  EXPECT_EQ(renamed.exit_code, 1);
  EXPECT_THAT(renamed.err, HasSubstr("is chart 'web' 3.0.0, and the index calls it 'web' 4.0.0"));
  EXPECT_THAT(tote(pull({"--version", "5"})).err, HasSubstr("has no version '5' of chart 'web'"));
}

TEST_F(ClassicRepository, APasswordIsForItsServerAlone) {
  test::WebServer other(
      testregistry::ServerTls{test::read_text(tls_.certificate), test::read_text(tls_.key)});
  other.put("/web.tgz", test::read_text(dir_ / "web-1.10.0.tgz"));
  index_ = "apiVersion: v1\nentries:\n  web:\n";
  add("1.10.0", other.url() + "/web.tgz");
  add("1.2.0", "led.tgz");
  web_.lead("/charts/led.tgz", other.url() + "/web-1.2.0.tgz");
  other.put("/web-1.2.0.tgz", test::read_text(dir_ / "web-1.2.0.tgz"));
  web_.lock("me:secret");
  const Strings login = {"--registry-username", "me", "--registry-password", "secret"};
  EXPECT_EQ(tote(pull()).exit_code, 1);
  EXPECT_DONE(tote(pull(login)));
  Strings older = login;
  older.insert(older.end(), {"--version", "1.2.0"});
  EXPECT_DONE(tote(pull(older)));
  EXPECT_THAT(other.asked(), Contains(Pair("/web.tgz", "")));
  EXPECT_THAT(other.asked(), Contains(Pair("/web-1.2.0.tgz", "")));
  for (const auto& [path, authorization] : other.asked()) EXPECT_THAT(authorization, IsEmpty());
  // Nor when that one asks for it.
  other.lock("me:secret");
  EXPECT_EQ(tote(pull(login)).exit_code, 1);
  EXPECT_EQ(tote(pull(older)).exit_code, 1);
  for (const auto& [path, authorization] : other.asked()) EXPECT_THAT(authorization, IsEmpty());
}

TEST_F(ClassicRepository, AnIndexMayLeadToARegistry) {
  EXPECT_DONE(tote({"push", "-q", "-c", charts(), "-f", path("web-1.10.0.tgz")}));
  index_ = "apiVersion: v1\nentries:\n  web:\n";
  add("1.10.0", "oci://" + charts() + "/web:1.10.0");
  EXPECT_DONE(tote(pull()));
  EXPECT_EQ(test::read_text(dir_ / "out/web-1.10.0.tgz"), test::read_text(dir_ / "web-1.10.0.tgz"));
}

TEST_F(ClassicRepository, HostileChartsAreRefusedAndLeaveNothing) {
  web_.put("/charts/index.yaml",
           "apiVersion: v1\nentries:\n  web:\n  - {version: 1.0.0, urls: [evil.tgz]}\n");
  test::write_text(
      dir_ / "evil.tar",
      test::make_tar({{"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                      {"web/../../evil", "x"}}));
  test::run({"gzip", path("evil.tar")});
  web_.put("/charts/evil.tgz", test::read_text(dir_ / "evil.tar.gz"));
  const auto refused = tote(from({"pull", "-o", path("out")}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("leads out of the chart"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "evil"));
}

}  // namespace
}  // namespace tote

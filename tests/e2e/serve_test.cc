// `registry serve` and `registry gc` as people and their CI use them.
#include "base/json.h"
#include "tests/support/http_connection.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"
#include "tests/support/tls_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace tote {
namespace {

using test::Child;
using test::HttpConnection;
using test::run;
using test::tote;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Serve : public testing::Test {
 protected:
  // A running registry on a free port.
  void serve(std::vector<std::string> flags) {
    std::vector<std::string> command{test::program_path(), "registry", "serve", "--listen",
                                     "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    server_ = std::make_unique<Child>(command, test::ProgramOptions{});
    ready_ = std::make_unique<Json>(Json::parse(server_->read_line(), "ready"));
    address_ = ready_->at("address").string();
  }

  test::ProgramResult stop() {
    server_->signal(SIGTERM);
    return server_->wait();
  }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  std::string push_bundle(const std::string& repository) {
    test::write_text(dir_ / "bundle/.imgpkg/images.yml", test::images_lock({}));
    test::write_text(dir_ / "bundle/config.yml", "setting: 1\n");
    const auto pushed = tote({"push", "-b", address_ + "/" + repository, "-f", path("bundle")});
    EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
    return pushed.out.substr(pushed.out.find("@sha256:") + 1, 71);
  }

  void push_oci_image(const std::string& repository, const std::string& tag) {
    HttpConnection connection(address_);
    const std::string config =
        R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}})";
    const std::string layer = test::make_tar({{"file", "content"}});
    for (const std::string& blob : {config, layer})
      ASSERT_EQ(
          connection
              .ask("POST",
                   "/v2/" + repository + "/blobs/uploads/?digest=" + oci::Digest::of(blob).str(),
                   blob)
              ->status,
          201);
    const std::string type = "application/vnd.oci.image.manifest.v1+json";
    const auto named = [](const char* media_type, const std::string& blob) {
      return fmt::format(
          R"({{"mediaType":"application/vnd.oci.image.{}","size":{},"digest":"{}"}})", media_type,
          blob.size(), oci::Digest::of(blob).str());
    };
    const std::string manifest =
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})", type,
                    named("config.v1+json", config), named("layer.v1.tar", layer));
    ASSERT_EQ(connection
                  .ask("PUT", "/v2/" + repository + "/manifests/" + tag, manifest,
                       "Content-Type: " + type + "\r\n")
                  ->status,
              201);
  }

  test::TempDir dir_;
  std::unique_ptr<Child> server_;
  std::unique_ptr<Json> ready_;
  std::string address_;
};

TEST_F(Serve, RunsACommandBesideItAndEndsAsThatEnds) {
  const auto result =
      tote({"registry", "serve", "--listen", "127.0.0.1:0", "--ready-file", path("ready"), "--",
            "sh", "-c", "curl -s $TOTE_REGISTRY_URL/v2/ && cat " + path("ready") + "; exit 7"});
  EXPECT_EQ(result.exit_code, 7) << result.err;
  EXPECT_THAT(result.out,
              MatchesRegex(R"(\{\}\{"address":"127.0.0.1:[0-9]+","url":"http://127.0.0.1:[0-9]+"\})"
                           "\n"));
}

// None of the clients is told anything: they find user, password and CA in their environment.
TEST_F(Serve, GivesACommandAllItNeedsForASecureRegistry) {
  std::filesystem::create_directories(path("files"));
  test::write_text(path("files/a.txt"), "a");
  const auto result =
      tote({"registry", "serve", "--listen", "127.0.0.1:0", "--secure", "--", "sh", "-c",
            "curl -s -o /dev/null -w '%{http_code}\n' $TOTE_REGISTRY_URL/v2/ && "
            "curl -s -u $TOTE_REGISTRY_USER:$TOTE_REGISTRY_PASSWORD --cacert "
            "$TOTE_REGISTRY_CA $TOTE_REGISTRY_URL/v2/_catalog && " +
                test::program_path() + " push -i $TOTE_REGISTRY/app:v1 -f " + path("files") +
                " && skopeo list-tags docker://$TOTE_REGISTRY/app"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("401\n{\"repositories\":[]}"));
  EXPECT_THAT(result.out, HasSubstr("Pushed '127.0.0.1:"));
  EXPECT_THAT(result.out, HasSubstr("\"v1\""));
}

// As Docker's clients do: everybody reads, who has a password writes, by tokens.
TEST_F(Serve, GivesSkopeoTokens) {
  test::write_text(path("users"),
                   "user:$2b$04$0hEBA9jDFEa3R3jnZhBSRunvztSb0qUorY3ej0flJKaWwqofZwe7G\n");
  const auto result = tote(
      {"registry", "serve", "--listen", "127.0.0.1:0", "--htpasswd", path("users"), "--auth",
       "token", "--anonymous-pull", "--", "sh", "-ec",
       "cd " + path("") +
           "; umoci init --layout l; umoci new --image l:v1; umoci config --image l:v1 --os linux;"
           "image=docker://$TOTE_REGISTRY/app:v1;"
           "skopeo copy -q --dest-tls-verify=false --dest-creds user:secret oci:l:v1 $image;"
           "skopeo inspect --tls-verify=false --raw $image >/dev/null && echo everybody reads;"
           "skopeo copy -q --dest-tls-verify=false oci:l:v1 $image-2 || echo nobody writes;"
           "skopeo copy -q --dest-tls-verify=false --dest-creds user:wrong oci:l:v1 $image-2 || "
           "echo nor who has no password;"
           "skopeo delete --tls-verify=false --creds user:secret $image;"
           "skopeo inspect --tls-verify=false --raw $image || echo it has gone"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "everybody reads\nnobody writes\nnor who has no password\nit has gone\n")
      << result.err;
}

TEST_F(Serve, PassesASignalOn) {
  Child child(
      {test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0", "--", "sh", "-c",
       "trap 'echo stopped; exit 3' TERM; echo started; while :; do sleep 0.01; done"},
      {});
  EXPECT_EQ(child.read_line(), "started");
  child.signal(SIGTERM);
  EXPECT_EQ(child.read_line(), "stopped");
  EXPECT_EQ(child.wait().exit_code, 3);
}

TEST_F(Serve, SaysWhyACommandCanNotRun) {
  const auto result =
      tote({"registry", "serve", "--listen", "127.0.0.1:0", "--", "no-such-program"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("run 'no-such-program': no such file or directory"));
}

TEST_F(Serve, FinishesWhatIsInFlight) {
  serve({"--fault", "path=/v2/**/tags/list,latency=300ms", "--grace", "20s"});
  HttpConnection slow(address_);
  slow.send("GET /v2/x/tags/list HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpConnection other(address_);
  ASSERT_TRUE(other.ask("GET", "/v2/"));  // the slow one has arrived before
  server_->signal(SIGTERM);
  const auto answer = slow.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->headers.at("connection"), "close");
  EXPECT_EQ(server_->wait().exit_code, 0);
}

TEST_F(Serve, CountsAndLogsRequestsButNotProbes) {
  serve({"--access-log", "json"});
  HttpConnection connection(address_);
  EXPECT_EQ(connection.ask("GET", "/livez")->body, "ok\n");
  EXPECT_EQ(connection.ask("GET", "/readyz")->status, 200);
  EXPECT_EQ(connection.ask("GET", "/v2/")->status, 200);
  EXPECT_THAT(connection.ask("GET", "/metrics")->body,
              HasSubstr("tote_requests_total{method=\"GET\",code=\"200\"} 1\n"));
  const auto ended = stop();
  EXPECT_THAT(ended.err, HasSubstr(R"("method":"GET","target":"/v2/","status":200)"));
  EXPECT_THAT(ended.err, Not(HasSubstr("livez")));
}

TEST_F(Serve, ServesAnArchiveInPlaceAndKeepsWhatIsPushed) {
  serve({"--snapshot", path("first.tar")});
  const std::string digest = push_bundle("team/app:v1");
  EXPECT_EQ(stop().exit_code, 0);

  serve({"--preload", path("first.tar"), "--read-only"});
  const auto pulled = tote({"pull", "-b", address_ + "/team/app:v1", "-o", path("out")});
  EXPECT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_EQ(test::read_text(dir_ / "out/config.yml"), "setting: 1\n");
  HttpConnection connection(address_);
  EXPECT_EQ(connection.ask("POST", "/v2/team/app/blobs/uploads/")->status, 405);
  stop();

  serve({"--preload", "other/name=" + path("first.tar"), "--snapshot", path("second.tar")});
  EXPECT_EQ(HttpConnection(address_)
                .ask("HEAD", "/v2/other/name/manifests/v1")
                ->headers.at("docker-content-digest"),
            digest);
  stop();
  EXPECT_FALSE(std::filesystem::exists(dir_ / "second.tar")) << "nothing new was pushed";

  serve({"--dir", path("r"), "--preload", path("first.tar")});
  stop();
  serve({"--dir", path("r")});
  EXPECT_EQ(HttpConnection(address_).ask("GET", "/v2/team/app/manifests/v1")->status, 200);
}

TEST_F(Serve, ServesLayoutsThatOtherToolsReadAndWrite) {
  serve({"--dir", path("r")});
  push_oci_image("team/app", "v1");
  stop();
  const std::string layout = path("r/repositories/team/app/_layout");
  const auto inspected = run({"skopeo", "inspect", "--raw", "oci:" + layout + ":v1"});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("schemaVersion"));
  EXPECT_EQ(run({"skopeo", "copy", "--override-os", "linux", "--override-arch", "amd64",
                 "--preserve-digests", "oci:" + layout + ":v1", "oci:" + path("copy") + ":v2"})
                .exit_code,
            0);

  serve({"--preload", "some/copy=" + path("copy")});
  EXPECT_EQ(HttpConnection(address_).ask("GET", "/v2/some/copy/manifests/v2")->status, 200);
  stop();
  std::filesystem::rename(dir_ / "copy", dir_ / "r/repositories/dropped");
  serve({"--dir", path("r")});
  EXPECT_EQ(HttpConnection(address_).ask("GET", "/v2/dropped/manifests/v2")->status, 200);
}

TEST_F(Serve, ReadsItsCertificateAgain) {
  const test::TempDir tls_dir;
  const test::TlsFiles first(tls_dir);
  serve({"--tls-cert", first.certificate.string(), "--tls-key", first.key.string()});
  const auto fingerprint = [&] {
    return run({"sh", "-c",
                "openssl s_client -connect " + address_ +
                    " </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"})
        .out;
  };
  const std::string before = fingerprint();
  EXPECT_THAT(before, HasSubstr("ingerprint"));
  const test::TlsFiles second(tls_dir);  // over the first
  server_->signal(SIGHUP);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (fingerprint() == before && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_NE(fingerprint(), before);
  test::write_text(first.certificate, "nonsense");
  server_->signal(SIGHUP);
  EXPECT_NE(fingerprint(), "") << "a bad one changes nothing";
  EXPECT_EQ(stop().exit_code, 0);
}

TEST_F(Serve, SaysThatItsCertificateHasExpired) {
  const test::TempDir tls_dir;
  const test::TlsFiles valid(tls_dir);
  const std::string expired = path("expired.pem");
  EXPECT_DONE(run({"sh", "-c",
                   "openssl req -new -key " + valid.key.string() +
                       " -subj /CN=x | openssl x509 -req "
                       "-signkey " +
                       valid.key.string() + " -days 0 -out " + expired}));
  serve({"--tls-cert", expired, "--tls-key", valid.key.string()});
  EXPECT_THAT(stop().err, HasSubstr("TLS: " + expired + " has expired"));
}

// In namespaces of its own, with a hosts file that this machine does not have, and nobody to ask.
TEST_F(Serve, ListensWhereANameLeads) {
  const test::TempDir dir;
  test::write_text(dir / "hosts", "127.0.0.5 registry.example other\n127.0.0.6 registry.example\n");
  test::write_text(dir / "resolv.conf", "nameserver 127.0.0.9\noptions timeout:1 attempts:1\n");
  const auto ran =
      run({"unshare", "-rmn", "sh", "-ec",
           "ip link set lo up\n"
           "for file in hosts resolv.conf; do mount --bind $file /etc/$file; done\n"
           "for name in registry.example localhost 127.0.0.8; do\n"
           "  \"$TOTE\" registry serve --listen $name:0 -- sh -c 'echo $TOTE_REGISTRY'\n"
           "done\n"
           "\"$TOTE\" registry serve --listen nobody.example:0 -- true\n"},
          {.directory = dir.path(), .environment = {{"TOTE", test::program_path()}}});
  EXPECT_THAT(ran.out, testing::MatchesRegex("127.0.0.5:[0-9]+\n127.0.0.1:[0-9]+\n"
                                             "127.0.0.8:[0-9]+\n"));
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("listen on nobody.example:0: 'nobody.example' is not found: "));
}

TEST_F(Serve, WantsACommandBehindTheDashes) {
  const auto result = tote({"registry", "serve", "--listen", "127.0.0.1:0", "--"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("Expected a command behind --"));
}

TEST_F(Serve, WantsCertificatesOfClientsIfTold) {
  const test::TempDir tls_dir;
  const test::TlsFiles client(tls_dir);
  serve({"--tls-self-signed", "--tls-ca-out", path("ca.pem"), "--tls-client-ca",
         client.certificate.string()});
  const auto get = [&](const std::string& more) {
    return run({"sh", "-c",
                "curl -s -o /dev/null -w '%{http_code}' --cacert " + path("ca.pem") + " " + more +
                    " https://" + address_ + "/v2/"})
        .out;
  };
  EXPECT_EQ(ready_->at("ca").string(), path("ca.pem"));
  EXPECT_EQ(get(""), "000");
  EXPECT_EQ(get("--cert " + client.certificate.string() + " --key " + client.key.string()), "200");
}

TEST_F(Serve, MisbehavesOnPurpose) {
  serve({"--fault", "method=GET,path=/v2/app/tags/list,status=429,retry-after=3,times=1", "--fault",
         "path=/v2/app/blobs/**,method=GET,truncate=2", "--fault", "path=/v2/,drop,after=1"});
  HttpConnection connection(address_);
  const auto refused = connection.ask("GET", "/v2/app/tags/list");
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.at("retry-after"), "3");
  EXPECT_EQ(connection.ask("GET", "/v2/app/tags/list")->status, 404);
  EXPECT_EQ(connection.ask("GET", "/v2/")->status, 200);
  EXPECT_FALSE(connection.ask("GET", "/v2/"));
  const std::string digest = oci::Digest::of("hello").str();
  EXPECT_EQ(HttpConnection(address_)
                .ask("POST", "/v2/app/blobs/uploads/?digest=" + digest, "hello")
                ->status,
            201);
  HttpConnection cut(address_);
  cut.send("GET /v2/app/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(cut.read_to_end().ends_with("\r\n\r\nhe"));
}

TEST_F(Serve, CollectsGarbageOfADirectory) {
  serve({"--dir", path("r")});
  const std::string digest = push_bundle("app:v1");
  HttpConnection connection(address_);
  EXPECT_EQ(connection.ask("DELETE", "/v2/app/manifests/v1")->status, 202);
  EXPECT_EQ(
      connection.ask("DELETE", "/v2/app/manifests/sha256-" + digest.substr(7) + ".imgpkg")->status,
      202);
  const auto refused = tote({"registry", "gc", "--dir", path("r")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("another process is serving"));
  stop();
  const auto would =
      tote({"registry", "gc", "--dir", path("r"), "--untagged", "--grace", "0s", "--dry-run"});
  EXPECT_THAT(would.out, HasSubstr("Would remove 1 manifests, 2 blobs, 0 uploads and"));
  const auto as_data = tote(
      {"registry", "gc", "--dir", path("r"), "--untagged", "--grace", "0s", "--dry-run", "--json"});
  EXPECT_THAT(as_data.out, MatchesRegex(R"(\{"dry_run":true,"manifests":1,"blobs":2,"uploads":0,)"
                                        R"("repositories":[01],"bytes":[0-9]+\})"
                                        "\n"));
  const auto done = tote({"registry", "gc", "--dir", path("r"), "--untagged", "--grace", "0s"});
  EXPECT_THAT(done.out, HasSubstr("Removed 1 manifests, 2 blobs, 0 uploads and 1 empty"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "r/blobs/sha256"));
}

TEST_F(Serve, EndsAsItsCommandDoesAlsoWhileItCollects) {
  for (int i = 0; i < 5; ++i) {
    const auto result = tote({"registry", "serve", "--listen", "127.0.0.1:0", "--dir", path("r"),
                              "--gc-interval", "1ms", "--", "sh", "-c", "exit 5"});
    EXPECT_EQ(result.exit_code, 5) << result.err;
  }
}

TEST_F(Serve, RefusesWhatItCanNotKeepBeforeItStarts) {
  for (const auto& [flags, text] :
       {std::pair<std::vector<std::string>, const char*>{{"--snapshot", "/nonexistent/s.tar"},
                                                         "in a directory that exists"},
        {{"--snapshot", "s.tar", "--read-only"}, "nothing can be pushed"},
        {{"--quota", "Q=100"}, "Expected the prefix of --quota"},
        {{"--quota", "q=many"}, "Expected --quota as a size"},
        {{"--io-threads", "100000"}, "Expected --io-threads from 1 to 256"},
        {{"--head-timeout", "0"}, "to be at least 1s"},
        {{"--max-head-size", "0"}, "from 1KiB to 1MiB"},
        {{"--fault", "rate=nan,drop"}, "from 0 to 1"},
        {{"--fault", "method=get,drop"}, "in capitals"},
        {{"--fault", "method=GET"}, "does nothing"},
        {{"--auth", "magic", "--secure"}, "to be basic or token"},
        {{"--anonymous-pull"}, "only with users"},
        {{"--preload", "/tmp"}, "without the files oci-layout"},
        {{"--preload", "/nonexistent"}, "no such file"},
        {{"--access-log", "xml"}, "to be off, text or json"}}) {
    std::vector<std::string> command{"registry", "serve", "--listen", "127.0.0.1:0"};
    command.insert(command.end(), flags.begin(), flags.end());
    const auto result = tote(command);
    EXPECT_EQ(result.exit_code, 1) << flags[0];
    EXPECT_THAT(result.err, testing::HasSubstr(text)) << flags[0];
  }
}

TEST_F(Serve, StopsWhileAClientStaysConnected) {
  serve({"--grace", "30s"});
  HttpConnection idle(address_);
  ASSERT_TRUE(idle.ask("GET", "/v2/"));
  EXPECT_EQ(stop().exit_code, 0) << "an idle connection is no request in flight";
  EXPECT_EQ(idle.read_to_end(), "");
}

}  // namespace
}  // namespace tote

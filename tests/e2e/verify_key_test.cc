// --verify-key: what is not signed by a key that is trusted is not copied, and not pulled.
#include "base/text.h"
#include "tests/support/attached.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

namespace tr = testregistry;
using test::Layer;
using test::ProgramResult;
using test::SigningKey;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;

constexpr const char* kStatement = "application/vnd.in-toto+json";

class VerifyKey : public testing::Test {
 protected:
  VerifyKey() {
    trust("ours.pub", key_);
    trust("others.pub", other_);
  }

  void trust(const std::string& file, const SigningKey& key) {
    test::write_text(dir_ / file, key.public_pem());
  }
  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  ProgramResult run(std::vector<std::string> arguments) {
    return tote(std::move(arguments), {.directory = dir_.path()});
  }
  ProgramResult pull() {
    return run({"pull", "-i", at("src/app:v1"), "-o", "out", "--verify-key", "ours.pub"});
  }
  // A signature that looks like one.
  void put_signature(const std::vector<Layer>& layers) {
    test::put_artifact(registry_.storage(), "src/app", {}, layers, {}, test::cosign_tag(image_));
  }
  void put_bundle(const std::string& bundle) {
    test::put_referrer(registry_.storage(), "src/app", image_, test::kBundleType, bundle);
  }

  TempDir dir_;
  TestRegistry registry_;
  const SigningKey key_ = SigningKey::ecdsa();
  const SigningKey other_ = SigningKey::ecdsa();
  const oci::Digest image_ =
      test::put_image(registry_.storage(), "src/app", {test::make_tar({{"file", "text"}})}, "v1");
};

TEST_F(VerifyKey, TakesWhatIsSignedByATag) {
  test::sign_by_tag(registry_.storage(), "src/app", image_, key_);
  EXPECT_DONE(pull());
  EXPECT_EQ(test::read_text(dir_ / "out/file"), "text");
  EXPECT_DONE(run({"copy", "-i", at("src/app:v1"), "--to-repo", at("dst/app"), "--verify-key",
                   "others.pub", "--verify-key", "ours.pub"}));
}

TEST_F(VerifyKey, TakesWhatIsSignedByAReferrer) {
  test::sign_by_referrer(registry_.storage(), "src/app", image_, key_);
  EXPECT_DONE(pull());
}

TEST_F(VerifyKey, TakesEveryKindOfKeyThatItSupports) {
  struct Row {
    const char* name;
    SigningKey key;
    const char* hash;
  };
  for (const Row& row :
       {Row{"P-384", SigningKey::ecdsa("P-384"), "SHA384"},
        Row{"P-521", SigningKey::ecdsa("P-521"), "SHA512"}, Row{"RSA", SigningKey::rsa(), "SHA256"},
        Row{"Ed25519", SigningKey::ed25519(), ""}}) {
    SCOPED_TRACE(row.name);
    trust("ours.pub", row.key);
    const std::string payload = test::signing_payload(image_);
    put_signature({test::simple_signature(payload, row.key.sign(payload, row.hash))});
    EXPECT_DONE(pull());
  }
}

// What looks like a signature and is none that counts: nothing is written, and it is said why.
TEST_F(VerifyKey, IsNotDeceived) {
  const oci::Digest other = oci::Digest::of("another image");
  const std::string payload = test::signing_payload(image_);
  const std::string good = key_.sign(payload);
  const std::string of_other = test::signing_payload(other);
  const std::string statement = test::signing_statement(image_);
  const auto sealed = [&](const std::string& text, const std::string& type = kStatement) {
    return key_.sign(test::encode_for_signing(type, text));
  };
  const SigningKey rsa = SigningKey::rsa();
  const auto tag = [&](const std::vector<Layer>& layers) {
    return [this, layers] { put_signature(layers); };
  };
  const auto bundle = [&](const std::string& text) { return [this, text] { put_bundle(text); }; };
  Layer bare = test::simple_signature(payload, good);
  bare.annotations_json.clear();
  Layer not_base64 = test::simple_signature(payload, good);
  not_base64.annotations_json = R"({"dev.cosignproject.cosign/signature":"%%%"})";
  std::vector<Layer> thousands(1001, test::simple_signature(payload, other_.sign(payload)));
  thousands.push_back(test::simple_signature(payload, good));

  struct Row {
    const char* name;
    std::function<void()> put;
    std::string why;
  };
  const std::vector<Row> rows = {
      {"nothing", [] {}, "is not signed"},
      {"another key", tag({test::simple_signature(payload, other_.sign(payload))}),
       "one is by another key"},
      {"a key of another kind", tag({test::simple_signature(payload, rsa.sign(payload))}),
       "one is by another key"},
      {"the signature of another image",
       tag({test::simple_signature(of_other, key_.sign(of_other))}),
       "the one by 'ours.pub' is of '" + other.str() + "'"},
      {"payload swapped", tag({test::simple_signature(payload, key_.sign(of_other))}),
       "one is by another key"},
      {"truncated DER", tag({test::simple_signature(payload, good.substr(0, 40))}),
       "one is by another key"},
      {"no annotation", tag({bare}), "it has no annotation with the signature"},
      {"no base64", tag({not_base64}), "the signature is not base64"},
      {"huge payload", tag({test::simple_signature(std::string((1U << 20U) + 1, ' '), good)}),
       "one is larger than 1048576 bytes"},
      {"thousands of signatures", tag(thousands), "there are more than 1000"},
      {"another type of layer", tag({{"text/plain", payload, bare.annotations_json}}),
       "is not signed"},
      {"bundle by another key",
       bundle(test::sigstore_bundle(statement,
                                    other_.sign(test::encode_for_signing(kStatement, statement)))),
       "one is by another key"},
      {"bundle of another image",
       bundle(test::sigstore_bundle(test::signing_statement(other),
                                    sealed(test::signing_statement(other)))),
       "the one by 'ours.pub' is of '" + other.str() + "'"},
      {"bundle with a swapped payload",
       bundle(test::sigstore_bundle(statement, sealed(test::signing_statement(other)))),
       "one is by another key"},
      {"bundle with a swapped type",
       bundle(test::sigstore_bundle(statement, sealed(statement, "text/x"), "text/x")),
       "the payload's type is 'text/x'"},
      {"bundle signed without its type",
       bundle(test::sigstore_bundle(statement, key_.sign(statement))), "one is by another key"},
      {"bundle without an envelope",
       bundle(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"})"),
       "has no DSSE envelope"},
      {"bundle that is no JSON", bundle("{"), "not valid JSON"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    for (const tr::Referrer& old : registry_.storage().referrers("src/app", image_))
      registry_.storage().remove_manifest("src/app", old.digest);
    registry_.storage().remove_tag("src/app", test::cosign_tag(image_));
    row.put();
    const ProgramResult pulled = pull();
    EXPECT_EQ(pulled.exit_code, 1);
    EXPECT_THAT(pulled.err, HasSubstr(at("src/app@" + image_.str())));
    EXPECT_THAT(pulled.err, HasSubstr(row.why));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
  }
}

// The registry hands out another content for the layer that was signed.
TEST_F(VerifyKey, RefusesASignatureWhoseContentHasAnotherDigest) {
  const std::string payload = test::signing_payload(image_);
  test::sign_by_tag(registry_.storage(), "src/app", image_, key_);
  registry_.interceptor().change([&](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.ends_with(oci::Digest::of(payload).str()))
      response.body = std::string(payload.size(), 'x');
  });
  const auto pulled = pull();
  EXPECT_EQ(pulled.exit_code, 1);
  EXPECT_THAT(pulled.err, HasSubstr("error verifying sha256 checksum"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(VerifyKey, WritesNothingAnywhereIfItRefuses) {
  TestRegistry target;
  test::write_text(dir_ / "out/keep", "this");
  for (const std::vector<std::string>& to :
       {std::vector<std::string>{"--to-repo", target.address() + "/dst/app"},
        {"--to-tar", "a.tar"},
        {"--to-layout", "layout"}}) {
    std::vector<std::string> copy = {"copy", "-i", at("src/app:v1"), "--verify-key", "ours.pub"};
    copy.insert(copy.end(), to.begin(), to.end());
    const auto copied = run(copy);
    EXPECT_EQ(copied.exit_code, 1);
    EXPECT_THAT(copied.err, HasSubstr("Verifying signatures"));
  }
  EXPECT_TRUE(target.interceptor().requests().empty());
  for (const char* file : {"a.tar", "a.tar.part", "layout"})
    EXPECT_FALSE(std::filesystem::exists(dir_ / file)) << file;
  EXPECT_EQ(
      run({"pull", "-i", at("src/app:v1"), "-o", "out", "--overwrite", "--verify-key", "ours.pub"})
          .exit_code,
      1);
  EXPECT_EQ(test::read_text(dir_ / "out/keep"), "this");
}

TEST_F(VerifyKey, LooksAtWhatIsAskedForOrAtAllThatItNames) {
  auto& storage = registry_.storage();
  const auto bundle = test::put_bundle(storage, "src/bundle",
                                       test::images_lock({at("src/app@" + image_.str())}), "v1");
  test::sign_by_referrer(storage, "src/bundle", bundle, key_);
  const auto copy = [&](const std::string& scope) {
    return run({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all"), "--verify-key",
                "ours.pub", "--verify-scope", scope});
  };
  const auto pull_all = [&] {
    return run({"pull", "-b", at("src/bundle:v1"), "-o", "bundle", "--verify-key", "ours.pub",
                "--verify-scope", "all"});
  };
  EXPECT_DONE(copy("root"));
  EXPECT_THAT(copy("all").err, HasSubstr(image_.str() + "' is not signed"));
  EXPECT_THAT(pull_all().err, HasSubstr(image_.str() + "' is not signed"));
  for (const char* place : {"src/app", "dst/all"}) test::sign_by_tag(storage, place, image_, key_);
  test::sign_by_referrer(storage, "dst/all", bundle, key_);
  EXPECT_DONE(copy("all"));
  EXPECT_DONE(pull_all());
}

// Signatures that came along are looked at where they are now, with no registry at hand.
TEST_F(VerifyKey, LooksIntoArchivesAndLayouts) {
  test::sign_by_tag(registry_.storage(), "src/app", image_, key_);
  test::sign_by_referrer(registry_.storage(), "src/app", image_, other_);
  for (const std::vector<std::string>& to : {std::vector<std::string>{"--to-tar", "a.tar"},
                                             {"--to-tar", "oci.tar", "--tar-format", "oci"},
                                             {"--to-layout", "layout"}}) {
    std::vector<std::string> copy = {"copy", "-i", at("src/app:v1"), "--cosign-signatures"};
    copy.insert(copy.end(), to.begin(), to.end());
    EXPECT_DONE(run(copy));
    for (const char* key : {"ours.pub", "others.pub"}) {
      EXPECT_DONE(run({"copy", "--tar", to[1], "--to-repo", at("far/app"), "--verify-key", key}));
      EXPECT_DONE(run({"pull", "--tar", to[1], "-o", "out", "--verify-key", key}));
    }
  }
  EXPECT_DONE(run({"copy", "-i", at("src/app:v1"), "--to-tar", "unsigned.tar"}));
  for (const std::vector<std::string>& use :
       {std::vector<std::string>{"copy", "--to-repo", at("far/unsigned")},
        {"pull", "-o", "unsigned"}}) {
    std::vector<std::string> command = use;
    command.insert(command.end(), {"--tar", "unsigned.tar", "--verify-key", "ours.pub"});
    const auto result = run(command);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("' is not signed"));
  }
  EXPECT_TRUE(registry_.storage().tags("far/unsigned").empty());
}

// An image that calls itself a referrer of a signed one, and has a name that people use.
TEST_F(VerifyKey, TakesNoImageForAnAttachmentThatHasANameOfItsOwn) {
  test::sign_by_tag(registry_.storage(), "src/app", image_, key_);
  test::put_artifact(registry_.storage(), "src/app", "application/vnd.example",
                     {{"text/plain", "evil"}}, image_.str(), "evil");
  for (const char* tag : {"v1", "evil"})
    EXPECT_DONE(
        run({"copy", "-i", at("src/app:") + tag, "--to-layout", "layout", "--cosign-signatures"}));
  const auto copied =
      run({"copy", "--layout", "layout", "--to-repo", at("far/app"), "--verify-key", "ours.pub"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("is not signed"));
}

TEST_F(VerifyKey, SaysThatEd25519phIsNotSupported) {
  const SigningKey ed25519 = SigningKey::ed25519();
  trust("ours.pub", ed25519);
  put_bundle(test::sigstore_bundle(test::signing_statement(image_), std::string(64, 'x')));
  EXPECT_THAT(pull().err, HasSubstr("Ed25519ph"));
}

TEST_F(VerifyKey, NeedsAPublicKey) {
  test::write_text(dir_ / "ours.pub", key_.private_pem());
  const auto pulled = pull();
  EXPECT_EQ(pulled.exit_code, 1);
  EXPECT_THAT(pulled.err, HasSubstr("holds no public key"));
  EXPECT_THAT(pulled.err, HasSubstr("hint: it is a private key"));
  EXPECT_THAT(run({"pull", "-i", at("src/app:v1"), "-o", "out", "--verify-key", "gone.pub"}).err,
              HasSubstr("Reading public key 'gone.pub'"));
}

}  // namespace
}  // namespace tote

#include "bundle/signed_content.h"

#include "base/public_key.h"
#include "tests/support/attached.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

using test::ThrowsError;

const oci::Digest kImage = oci::Digest::of("image");

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  if (at == std::string::npos) throw std::logic_error("'" + old + "' is not there");
  return text.replace(at, old.size(), by);
}

TEST(SignedContent, IsReadAsCosignWroteIt) {
  const std::string data = std::string(TOTE_TEST_DATA) + "/cosign3/";
  const SignedContent content = read_sigstore_bundle(test::read_text(data + "bundle.json"));
  EXPECT_EQ(content.images,
            std::vector{oci::Digest::parse(
                "sha256:5502adc8fdfbf93e1242264915e37c2464728c880723608531bce56ec07697ad")});
  const auto key = PublicKey::parse_pem(test::read_text(data + "cosign.pub"), "key").at(0);
  ASSERT_EQ(content.signatures.size(), 1U);
  EXPECT_TRUE(key.verifies(as_bytes(content.bytes), as_bytes(content.signatures[0])));
}

TEST(SignedContent, OfSimpleSigningNamesItsImage) {
  const SignedContent content = read_simple_signing(test::signing_payload(kImage), "c2ln");
  EXPECT_EQ(content.images, std::vector{kImage});
  EXPECT_EQ(content.bytes, test::signing_payload(kImage));
  EXPECT_EQ(content.signatures, std::vector<std::string>{"sig"});
}

TEST(SignedContent, OfSimpleSigningIsRefusedIfItSaysSomethingElse) {
  struct Row {
    std::string payload;
    const char* complaint;
  };
  const std::string good = test::signing_payload(kImage);
  for (const Row& row : {
           Row{"", "not valid JSON"},
           Row{"[]", "expected an object"},
           Row{"{}", "$.critical: missing"},
           Row{replaced(good, "cosign container image signature", "atomic container signature"),
               "the payload's type is 'atomic container signature'"},
           Row{replaced(good, kImage.str(), "sha256:00"), "sha256:00"},
           Row{replaced(good,
                        "\"image\":", "\"image\":{\"docker-manifest-digest\":\"x\"},\"image\":"),
               "the key 'image' occurs twice"},
           Row{replaced(good, "{\"critical\"", "{\"critical\":{},\"critical\""),
               "the key 'critical' occurs twice"},
       })
    EXPECT_THAT([&] { read_simple_signing(row.payload, "c2ln"); },
                ThrowsError(ErrorKind::kParse, row.complaint));
  EXPECT_THAT([&] { read_simple_signing(good, "%%%"); },
              ThrowsError(ErrorKind::kParse, "the signature is not base64"));
}

TEST(SignedContent, OfABundleIsRefusedIfItIsNoSignatureOfAnImage) {
  struct Row {
    std::string bundle;
    const char* complaint;
  };
  const std::string statement = test::signing_statement(kImage);
  const std::string good = test::sigstore_bundle(statement, "sig");
  std::string many_subjects = replaced(statement, "\"subject\":[", "\"subject\":[");
  for (int i = 0; i < 1001; ++i)
    many_subjects = replaced(many_subjects, "\"subject\":[", "\"subject\":[{\"digest\":{}},");
  for (
      const Row& row : {
          Row{"", "not valid JSON"},
          Row{replaced(good, "vnd.dev.sigstore.bundle", "vnd.other"), "is no sigstore bundle"},
          Row{R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}})",
              "has no DSSE envelope"},
          Row{replaced(good, "\"payload\":\"", "\"payload\":\"*"), "the payload is not base64"},
          Row{replaced(good, "\"sig\":\"", "\"sig\":\"*"), "the signature is not base64"},
          Row{replaced(good, "\"dsseEnvelope\"", "\"dsseEnvelope\":{},\"dsseEnvelope\""),
              "occurs twice"},
          Row{test::sigstore_bundle(statement, "sig", "text/plain"),
              "the payload's type is 'text/plain'"},
          Row{test::sigstore_bundle(replaced(statement, "cosign/sign/v1", "other"), "sig"),
              "what is stated is 'https://sigstore.dev/other'"},
          Row{test::sigstore_bundle(replaced(statement, "Statement/v1", "Statement/v9"), "sig"),
              "the statement's type"},
          Row{test::sigstore_bundle(
                  replaced(statement, "\"subject\"", "\"subject\":[],\"subject\""), "sig"),
              "the key 'subject' occurs twice"},
          Row{test::sigstore_bundle(many_subjects, "sig"), "more than 1000 subjects"},
          Row{test::sigstore_bundle(std::string(300, '['), "sig"), "nested deeper"},
      })
    EXPECT_THAT([&] { read_sigstore_bundle(row.bundle); },
                ThrowsError(ErrorKind::kParse, row.complaint));
}

}  // namespace
}  // namespace tote::bundle

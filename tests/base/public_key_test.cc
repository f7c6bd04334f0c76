#include "base/public_key.h"

#include "tests/support/attached.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::SigningKey;
using test::ThrowsError;

PublicKey read(const std::string& pem) {
  return PublicKey::parse_pem(pem, "key").at(0);
}
bool verifies(const SigningKey& key, const std::string& message, const std::string& signature) {
  return read(key.public_pem()).verifies(as_bytes(message), as_bytes(signature));
}

TEST(PublicKey, VerifiesWhatItsPrivateKeySigned) {
  struct Row {
    SigningKey key;
    const char* hash;
    bool holds;
  };
  const std::vector<Row> rows = {
      {SigningKey::ecdsa("P-256"), "SHA256", true},  {SigningKey::ecdsa("P-256"), "SHA384", false},
      {SigningKey::ecdsa("P-384"), "SHA256", true},  {SigningKey::ecdsa("P-384"), "SHA384", true},
      {SigningKey::ecdsa("P-384"), "SHA512", false}, {SigningKey::ecdsa("P-521"), "SHA256", true},
      {SigningKey::ecdsa("P-521"), "SHA512", true},  {SigningKey::rsa(2048), "SHA256", true},
      {SigningKey::rsa(2048), "SHA512", false},      {SigningKey::ed25519(), "", true},
  };
  for (const Row& row : rows) {
    const std::string signature = row.key.sign("message", row.hash);
    SCOPED_TRACE(testing::Message() << &row - rows.data());
    EXPECT_EQ(verifies(row.key, "message", signature), row.holds);
    EXPECT_FALSE(verifies(row.key, "another", signature));
    EXPECT_FALSE(verifies(row.key, "message", signature.substr(0, signature.size() - 1)));
    EXPECT_FALSE(verifies(row.key, "message", signature + '\0'));
    EXPECT_FALSE(verifies(row.key, "message", ""));
    EXPECT_FALSE(verifies(row.key, "message", std::string(100'000, 'x')));
  }
}

TEST(PublicKey, VerifiesNothingOfAnotherKeyOfAnyKind) {
  const std::vector<SigningKey> keys = {SigningKey::ecdsa(), SigningKey::ecdsa(), SigningKey::rsa(),
                                        SigningKey::ed25519()};
  for (const SigningKey& signer : keys)
    for (const SigningKey& other : keys)
      if (&signer != &other) {
        const std::string hash = &signer == &keys.back() ? "" : "SHA256";
        EXPECT_FALSE(verifies(other, "m", signer.sign("m", hash)));
      }
}

TEST(PublicKey, MayBeOneOfSeveralInAFile) {
  const auto one = SigningKey::ecdsa();
  const auto two = SigningKey::ed25519();
  const auto keys = PublicKey::parse_pem("# ours\n" + one.public_pem() + two.public_pem(), "key");
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].kind(), KeyKind::kEcdsa);
  EXPECT_EQ(keys[1].kind(), KeyKind::kEd25519);
}

TEST(PublicKey, IsRefusedIfItIsNoneOrOfAKindThatIsNotTaken) {
  struct Row {
    std::string pem;
    const char* complaint;
  };
  const std::string good = SigningKey::ecdsa().public_pem();
  for (const Row& row : {
           Row{"", "holds no public key"},
           Row{SigningKey::ecdsa().private_pem(), "holds no public key"},
           Row{SigningKey::ecdsa("P-224").public_pem(), "curve 'secp224r1' are not supported"},
           Row{SigningKey::rsa(1024).public_pem(), "2048 to 16384 bits, this one 1024"},
           Row{good.substr(0, 60), "can not be read"},
           Row{"-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n", "can not be read"},
           Row{"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "can not be read"},
       })
    EXPECT_THAT([&] { PublicKey::parse_pem(row.pem, "key"); },
                ThrowsError(ErrorKind::kParse, row.complaint));
}

}  // namespace
}  // namespace tote

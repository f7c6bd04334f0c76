#include "tests/support/attached.h"

#include "base/text.h"
#include "oci/manifest.h"
#include "oci/referrer.h"
#include "tests/support/image_builder.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdexcept>

namespace tote::test {
namespace {

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kEmpty = "application/vnd.oci.empty.v1+json";
constexpr const char* kStatement = "application/vnd.in-toto+json";

std::string descriptor(const std::string& type, const oci::Digest& digest, std::uint64_t size,
                       const std::string& annotations = {}) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}{}}})", type, digest.str(), size,
                     annotations.empty() ? "" : ",\"annotations\":" + annotations);
}

std::string pem(EVP_PKEY* key, bool is_public) {
  BIO* out = BIO_new(BIO_s_mem());
  const int done = is_public
                       ? PEM_write_bio_PUBKEY(out, key)
                       : PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  if (done != 1) throw std::runtime_error("PEM");
  return text;
}

}  // namespace

struct SigningKey::Impl {
  explicit Impl(EVP_PKEY* made) : key(made) {
    if (key == nullptr) throw std::runtime_error("no key was made");
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { EVP_PKEY_free(key); }

  EVP_PKEY* key;
};

SigningKey SigningKey::ecdsa(const std::string& curve) {
  SigningKey key;
  key.impl_ = std::make_shared<const Impl>(EVP_EC_gen(curve.c_str()));
  return key;
}

SigningKey SigningKey::rsa(unsigned bits) {
  SigningKey key;
  key.impl_ = std::make_shared<const Impl>(EVP_RSA_gen(bits));
  return key;
}

SigningKey SigningKey::ed25519() {
  SigningKey key;
  key.impl_ = std::make_shared<const Impl>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return key;
}

std::string SigningKey::public_pem() const {
  return pem(impl_->key, true);
}

std::string SigningKey::private_pem() const {
  return pem(impl_->key, false);
}

std::string SigningKey::sign(const std::string& message, const std::string& hash) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  const EVP_MD* md = hash.empty() ? nullptr : EVP_get_digestbyname(hash.c_str());
  bool done = EVP_DigestSignInit(context, nullptr, md, nullptr, impl_->key) == 1 &&
              EVP_DigestSign(context, nullptr, &size, data, message.size()) == 1;
  std::string signature(size, '\0');
  done = done && EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                data, message.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!done) throw std::runtime_error("not signed");
  signature.resize(size);
  return signature;
}

oci::Digest put_artifact(testregistry::Storage& storage, const std::string& repository,
                         const std::string& artifact_type, const std::vector<Layer>& layers,
                         const std::string& subject, const std::string& tag) {
  std::string list;
  for (const Layer& layer : layers) {
    const oci::Digest digest = put_blob(storage, repository, layer.content);
    list += (list.empty() ? "" : ",") +
            descriptor(layer.media_type, digest, layer.content.size(), layer.annotations_json);
  }
  const std::string config = descriptor(kEmpty, put_blob(storage, repository, "{}"), 2);
  const std::string bytes = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}",{}"config":{},"layers":[{}]{}}})", kManifest,
      artifact_type.empty() ? "" : fmt::format(R"("artifactType":"{}",)", artifact_type), config,
      list,
      subject.empty() ? ""
                      : ",\"subject\":" + descriptor(kManifest, oci::Digest::parse(subject), 1000));
  const oci::ManifestPtr manifest = oci::Manifest::parse(bytes, kManifest);
  testregistry::NewManifest made{manifest->digest(), kManifest, bytes};
  if (!tag.empty()) made.tags.push_back(tag);
  if (manifest->subject()) {
    made.subject = manifest->subject()->digest;
    made.artifact_type = oci::artifact_type_of(*manifest);
    made.descriptor = oci::encode_referrer(*manifest);
  }
  storage.put_manifest(repository, made);
  return manifest->digest();
}

oci::Digest put_referrer(testregistry::Storage& storage, const std::string& repository,
                         const oci::Digest& subject, const std::string& type,
                         const std::string& content) {
  return put_artifact(storage, repository, type, {{type, content}}, subject.str());
}

std::string cosign_tag(const oci::Digest& image, const std::string& suffix) {
  return fmt::format("sha256-{}{}", image.hex(), suffix);
}

std::string signing_payload(const oci::Digest& image) {
  return fmt::format(
      R"({{"critical":{{"identity":{{"docker-reference":"example.org/app"}},"image":{{"docker-manifest-digest":"{}"}},"type":"cosign container image signature"}},"optional":null}})",
      image.str());
}

Layer simple_signature(const std::string& payload, const std::string& signature) {
  return {
      "application/vnd.dev.cosign.simplesigning.v1+json", payload,
      fmt::format(R"({{"dev.cosignproject.cosign/signature":"{}"}})", base64_encode(signature))};
}

oci::Digest sign_by_tag(testregistry::Storage& storage, const std::string& repository,
                        const oci::Digest& image, const SigningKey& key) {
  const std::string payload = signing_payload(image);
  return put_artifact(storage, repository, {}, {simple_signature(payload, key.sign(payload))}, {},
                      cosign_tag(image));
}

std::string signing_statement(const oci::Digest& image) {
  return fmt::format(
      R"({{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"sha256":"{}"}},"annotations":{{}}}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{{}}}})",
      image.hex());
}

std::string encode_for_signing(const std::string& type, const std::string& payload) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
}

std::string sigstore_bundle(const std::string& payload, const std::string& signature,
                            const std::string& payload_type) {
  return fmt::format(
      R"({{"mediaType":"{}","verificationMaterial":{{"publicKey":{{"hint":"a2V5"}}}},"dsseEnvelope":{{"payload":"{}","payloadType":"{}","signatures":[{{"sig":"{}"}}]}}}})",
      kBundleType, base64_encode(payload), payload_type, base64_encode(signature));
}

oci::Digest sign_by_referrer(testregistry::Storage& storage, const std::string& repository,
                             const oci::Digest& image, const SigningKey& key) {
  const std::string payload = signing_statement(image);
  return put_referrer(storage, repository, image, kBundleType,
                      sigstore_bundle(payload, key.sign(encode_for_signing(kStatement, payload))));
}

}  // namespace tote::test

#include "testregistry/http/self_signed.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <memory>

namespace tote::testregistry {
namespace {

constexpr long kValidSeconds = 10L * 24 * 3600;
constexpr long kSkewSeconds = 3600;  // clocks of clients may be behind

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;

void check(bool done) {
  if (done) return;
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  throw Error(ErrorKind::kInternal, std::string("making a certificate: ") + text.data());
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  check(key != nullptr);
  return key;
}

void add_extension(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

Certificate make_certificate(const std::string& name, EVP_PKEY& key) {
  Certificate certificate(X509_new());
  check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kSkewSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
  check(X509_set_pubkey(certificate.get(), &key) == 1);
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                   0) == 1);
  return certificate;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& issuer_key) {
  check(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1);
  check(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0);
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts)
    names += (names.empty() ? "" : ",") + std::string(is_address(host) ? "IP:" : "DNS:") + host;
  return names;
}

template <class Write>
std::string pem(Write write) {
  const Bio memory(BIO_new(BIO_s_mem()));
  check(memory && write(memory.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509& certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, &certificate); });
}

}  // namespace

SelfSigned make_self_signed(const std::vector<std::string>& hosts) {
  const Key ca_key = make_key();
  const Certificate ca = make_certificate("tote registry", *ca_key);
  add_extension(*ca, *ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(*ca, *ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(*ca, *ca, NID_subject_key_identifier, "hash");
  sign(*ca, *ca, *ca_key);

  const Key key = make_key();
  const Certificate certificate = make_certificate(hosts.front(), *key);
  add_extension(*certificate, *ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*certificate, *ca, NID_key_usage, "critical,digitalSignature");
  add_extension(*certificate, *ca, NID_ext_key_usage, "serverAuth");
  add_extension(*certificate, *ca, NID_authority_key_identifier, "keyid");
  add_extension(*certificate, *ca, NID_subject_alt_name, alternative_names(hosts));
  sign(*certificate, *ca, *ca_key);

  SelfSigned made;
  made.ca_pem = certificate_pem(*ca);
  made.tls.certificate_pem = certificate_pem(*certificate);
  made.tls.key_pem = pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return made;
}

}  // namespace tote::testregistry

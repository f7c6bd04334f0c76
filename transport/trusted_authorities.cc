#include "transport/trusted_authorities.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <new>

namespace tote::transport {
namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

x509_store_st* make_store() {
  X509_STORE* store = X509_STORE_new();
  if (store == nullptr) throw std::bad_alloc();
  // An authority below another one is enough, as libcurl has it.
  X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// What is no certificate in it does not count; neither does the same one twice.
void add_certificates(X509_STORE* store, const std::string& pem) {
  const std::unique_ptr<BIO, Free> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!text) throw std::bad_alloc();
  for (;;) {
    const std::unique_ptr<X509, Free> certificate(
        PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr));
    if (certificate)
      X509_STORE_add_cert(store, certificate.get());
    else if (BIO_eof(text.get()) != 0)
      break;
  }
}

}  // namespace

TrustedAuthorities::TrustedAuthorities(std::string pem, const SystemAuthorities& system)
    : pem_(std::move(pem)),
      file_(system.file),
      directory_(system.directory),
      store_(make_store()) {}

TrustedAuthorities::~TrustedAuthorities() {
  X509_STORE_free(store_);
}

void TrustedAuthorities::judge_for(ssl_ctx_st* context) {
  SSL_CTX_set1_cert_store(context, store_);
  SSL_CTX_set_cert_verify_callback(context, &on_certificate, this);
}

int TrustedAuthorities::on_certificate(x509_store_ctx_st* chain, void* self) {
  auto& authorities = *static_cast<TrustedAuthorities*>(self);
  try {
    std::call_once(authorities.is_read_, [&] { authorities.read(); });
  } catch (const std::bad_alloc&) {
    X509_STORE_CTX_set_error(chain, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
  return X509_verify_cert(chain);
}

// What can not be read is trusted by nobody, which the refusal of the certificate says.
void TrustedAuthorities::read() {
  if (!directory_.empty()) X509_STORE_load_path(store_, directory_.c_str());
  if (!pem_.empty())
    add_certificates(store_, pem_);
  else if (!file_.empty())
    X509_STORE_load_file(store_, file_.c_str());
  ERR_clear_error();  // the next one to look at the queue would take these for its own
}

TrustedAuthorities& AuthoritiesByOrigin::of(const std::string& origin, const std::string& own_pem) {
  const Lock lock(mutex_);
  std::unique_ptr<TrustedAuthorities>& set = sets_[own_pem.empty() ? std::string() : origin];
  if (!set)
    set = std::make_unique<TrustedAuthorities>(own_pem.empty() ? extra_pem_ : own_pem, system_);
  return *set;
}

}  // namespace tote::transport

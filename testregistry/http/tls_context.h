// OpenSSL's side of a server, from PEM text. Internal to server.cc.
#pragma once

#include "base/error.h"
#include "testregistry/http/server_options.h"

#include <boost/asio/ssl.hpp>
#include <fmt/format.h>

#include <memory>

namespace tote::testregistry {

// Those that certificates of clients may be signed by.
inline int count_authorities(boost::asio::ssl::context& context) {
  X509_STORE* store = SSL_CTX_get_cert_store(context.native_handle());
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

// What is wrong with a certificate that can be served all the same; empty: nothing.
inline std::string complaint_about(boost::asio::ssl::context& context, const ServerTls& tls) {
  const X509* certificate = SSL_CTX_get0_certificate(context.native_handle());
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return fmt::format("TLS: {} has expired; clients will refuse it", tls.certificate_name);
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    return fmt::format("TLS: {} is not valid yet; clients will refuse it", tls.certificate_name);
  return {};
}

// Throws Error{kParse} for a file that does not hold what it should, also for an empty one.
inline std::shared_ptr<boost::asio::ssl::context> make_tls_context(const ServerTls& tls) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code failed;
  const auto check = [&](const std::string& name) {
    if (failed) throw Error(ErrorKind::kParse, fmt::format("TLS: {}: {}", name, failed.message()));
  };
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context->use_certificate_chain(boost::asio::buffer(tls.certificate_pem), failed);
  check(tls.certificate_name);
  context->use_private_key(boost::asio::buffer(tls.key_pem), ssl::context::pem, failed);
  check(tls.key_name);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    throw Error(ErrorKind::kParse,
                fmt::format("TLS: {} is not the key of {}", tls.key_name, tls.certificate_name));
  if (tls.client_ca_pem) {
    context->add_certificate_authority(boost::asio::buffer(*tls.client_ca_pem), failed);
    check(tls.client_ca_name);
    if (count_authorities(*context) == 0)
      throw Error(ErrorKind::kParse,
                  fmt::format("TLS: {}: no certificate in it", tls.client_ca_name));
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  // A session that is resumed must belong to this server, or OpenSSL refuses client certificates.
  static constexpr unsigned char kSessionContext[] = "tote";
  SSL_CTX_set_session_id_context(context->native_handle(), kSessionContext, sizeof kSessionContext);
  return context;
}

}  // namespace tote::testregistry

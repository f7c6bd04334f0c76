#include "tests/support/tls_files.h"

#include "tests/support/run_program.h"

#include <stdexcept>

namespace tote::test {

TlsFiles::TlsFiles(const TempDir& directory)
    : certificate(directory / "cert.pem"), key(directory / "key.pem") {
  const ProgramResult made =
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
           "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key.string(), "-out",
           certificate.string()});
  if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.err);
}

}  // namespace tote::test

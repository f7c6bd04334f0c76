// The certificate of a registry: read from files, or made on the spot. Part of Registry.
#pragma once

#include "testregistry/registry_config.h"

#include <string>
#include <vector>

namespace tote::testregistry {

class ServerCertificate {
 public:
  // `listen`: what one that is made here has to be good for.
  ServerCertificate(TlsFiles files, const std::vector<ListenAddress>& listen);

  // As it is in the files now, if it is from files. Throws Error{kIo}.
  ServerTls read() const;

  // Of one that was made here.
  const std::string& ca_pem() const { return ca_pem_; }
  std::string ca_path() const;  // absolute; empty: nobody asked for a file
  void write_ca() const;        // to that file. Throws Error{kIo}

 private:
  bool is_made_here() const { return files_.certificate.empty(); }

  const TlsFiles files_;
  ServerTls made_;
  std::string ca_pem_;
};

}  // namespace tote::testregistry

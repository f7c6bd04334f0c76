// What a proxy in front of the registry says of the request that it passes on: Forwarded (RFC
// 7239), or X-Forwarded-For, -Proto and -Host. Believed of proxies alone that the operator names,
// since anybody can send such headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

struct RequestHead;

// Thread-safe.
class TrustedProxies {
 public:
  // Adds an address or a network: "10.0.0.7", "10.0.0.0/8", "fd00::/8". Throws Error{kUsage}.
  void add(const std::string& network);
  bool empty() const { return networks_.empty(); }
  bool contains(std::string_view address) const;

 private:
  struct Network {
    std::string bytes;  // 16 of them; IPv4 is mapped into IPv6
    unsigned bits;      // of them, from the first on
  };
  std::vector<Network> networks_;
};

// Empty: the proxy does not say.
struct Forwarded {
  std::string client;  // address
  std::string scheme;  // "http" or "https"
  std::string host;    // as the client asked for it, perhaps with a port
};

// For a request that came from a trusted proxy. Where it has both kinds of headers neither is
// believed: one of them may be the client's. Of a chain of proxies, the client is the last one
// in it that is not trusted. Untrusted: what is no scheme, no host and no address is passed over.
Forwarded read_forwarded(const RequestHead& head, const TrustedProxies& trusted);

// Whether it could stand in a URL as "host" or "host:port".
bool is_host(std::string_view text);

}  // namespace tote::testregistry

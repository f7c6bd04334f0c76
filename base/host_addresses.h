// The addresses of a host by its name, by c-ares: the C library's getaddrinfo() loads modules of
// the system that a statically linked program can not have, and aborts.
#pragma once

#include <string>
#include <vector>

namespace tote {

// Numeric addresses, each once, IPv4 before IPv6: of "localhost" both loopback addresses, of a
// number itself, of other names what /etc/hosts or the name servers of /etc/resolv.conf say. What
// only other modules of nsswitch.conf know is not found. Waits for name servers, up to ten seconds
// for one that does not answer. Thread-safe. Error{kIo} that names the host, also if it has no
// address.
std::vector<std::string> addresses_of_host(const std::string& host);

}  // namespace tote

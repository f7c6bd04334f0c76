#include "testregistry/http/forwarded.h"

#include "base/error.h"
#include "base/text.h"
#include "testregistry/http/handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <optional>

namespace tote::testregistry {
namespace {

constexpr unsigned kV4Offset =
    96;  // bits before an IPv4 address in an IPv6 one (RFC 4291, 2.5.5.2)

// 16 bytes; nullopt: it is no address.
std::optional<std::string> bytes_of(std::string_view text) {
  const std::string address(text);
  std::array<char, 16> v6{};
  if (::inet_pton(AF_INET6, address.c_str(), v6.data()) == 1) return std::string(v6.data(), 16);
  std::array<char, 4> v4{};
  if (::inet_pton(AF_INET, address.c_str(), v4.data()) != 1) return std::nullopt;
  return std::string(10, '\0') + "\xff\xff" + std::string(v4.data(), 4);
}

bool have_same_bits(std::string_view a, std::string_view b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (a.substr(0, whole) != b.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xFFU << (8 - bits % 8) & 0xFFU;
  return ((static_cast<unsigned char>(a[whole]) ^ static_cast<unsigned char>(b[whole])) & mask) ==
         0;
}

// "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711" and the like: the address alone.
std::string address_of(std::string_view node) {
  if (node.starts_with('[')) return std::string(node.substr(1, node.find(']') - 1));
  const bool has_port = std::count(node.begin(), node.end(), ':') == 1;
  return std::string(node.substr(0, has_port ? node.find(':') : node.size()));
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"'))
    return std::string(value);
  std::string out;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    if (value[i] == '\\' && i + 2 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

// The elements of a list, from all headers of that name.
std::vector<std::string> list_of(const RequestHead& head, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [key, value] : head.headers)
    if (equal_ignoring_case(key, name))
      for (const std::string& item : split(value, ',')) items.emplace_back(trim(item));
  return items;
}

// A parameter of one element of Forwarded.
std::string parameter_of(std::string_view element, std::string_view name) {
  for (const std::string& pair : split(element, ';')) {
    const std::size_t equals = pair.find('=');
    if (equals != std::string::npos && equal_ignoring_case(trim(pair.substr(0, equals)), name))
      return unquoted(trim(std::string_view(pair).substr(equals + 1)));
  }
  return {};
}

// Who asked, and how many proxies are between them and the nearest one.
struct Origin {
  std::string client;
  std::size_t distance = 0;
};

// From the nearest proxy outwards, the first that is not trusted; all are: the outermost.
Origin origin_of(const std::vector<std::string>& nodes, const TrustedProxies& trusted) {
  Origin origin;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string address = address_of(nodes[nodes.size() - 1 - i]);
    if (!bytes_of(address)) break;  // "unknown", or nonsense: nothing further out counts
    origin = {address, i};
    if (!trusted.contains(address)) break;
  }
  return origin;
}

// What the proxy at that distance says; the nearest ones do not always say everything.
std::string said_at(const std::vector<std::string>& items, std::size_t distance) {
  if (items.empty()) return {};
  return items[items.size() - 1 - std::min(distance, items.size() - 1)];
}

Forwarded checked(Forwarded said) {
  said.scheme = to_lower(said.scheme);
  if (said.scheme != "http" && said.scheme != "https") said.scheme.clear();
  if (!is_host(said.host)) said.host.clear();
  return said;
}

}  // namespace

void TrustedProxies::add(const std::string& network) {
  const std::size_t slash = network.find('/');
  const auto bytes = bytes_of(network.substr(0, slash));
  const bool is_v4 = network.find(':') == std::string::npos;
  const auto bits = slash == std::string::npos ? std::optional<std::uint64_t>(is_v4 ? 32 : 128)
                                               : parse_number(network.substr(slash + 1));
  if (!bytes || !bits || *bits > (is_v4 ? 32 : 128))
    throw Error(ErrorKind::kUsage,
                fmt::format("Expected an address or a network as 10.0.0.0/8, got '{}'", network));
  networks_.push_back({*bytes, static_cast<unsigned>(*bits) + (is_v4 ? kV4Offset : 0)});
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto bytes = bytes_of(address);
  return bytes && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return have_same_bits(network.bytes, *bytes, network.bits);
         });
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(".-:[]_").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Forwarded read_forwarded(const RequestHead& head, const TrustedProxies& trusted) {
  std::vector<std::string> nodes = list_of(head, "X-Forwarded-For");
  std::vector<std::string> schemes = list_of(head, "X-Forwarded-Proto");
  std::vector<std::string> hosts = list_of(head, "X-Forwarded-Host");
  if (const auto elements = list_of(head, "Forwarded"); !elements.empty()) {
    // A proxy that adds to the one passes the other on as its client has sent it.
    if (!nodes.empty()) return {};
    nodes.clear();
    schemes.clear();
    hosts.clear();
    for (const std::string& element : elements) {
      nodes.push_back(parameter_of(element, "for"));
      schemes.push_back(parameter_of(element, "proto"));
      hosts.push_back(parameter_of(element, "host"));
    }
  }
  const Origin origin = origin_of(nodes, trusted);
  return checked(
      {origin.client, said_at(schemes, origin.distance), said_at(hosts, origin.distance)});
}

}  // namespace tote::testregistry

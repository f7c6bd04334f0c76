#include "transport/given_fields.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sys/socket.h>
#include <vector>

namespace tote::transport {
namespace {

// They frame the request, or decide what the answer is of.
constexpr std::array<std::string_view, 19> kOwn = {
    "accept",      "accept-encoding", "connection",        "content-encoding", "content-length",
    "content-md5", "content-range",   "content-type",      "expect",           "host",
    "if-match",    "if-none-match",   "if-range",          "keep-alive",       "range",
    "te",          "trailer",         "transfer-encoding", "upgrade"};

// RFC 9110, 5.6.2: what a token is made of.
bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

[[noreturn]] void refuse(const std::string& why, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, why).with_hint(std::move(hint));
}

void refuse_own(const std::string& name) {
  const std::string small = to_lower(name);
  if (small == "authorization")
    refuse("'Authorization' is not for --header", "--registry-token sends a bearer token");
  if (small == "user-agent") refuse("'User-Agent' is not for --header", "there is --user-agent");
  if (std::find(kOwn.begin(), kOwn.end(), small) != kOwn.end())
    refuse(fmt::format("'{}' is not for --header: it says what the request is", name));
}

bool is_address(std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  return ::inet_pton(AF_INET, text.c_str(), buffer.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), buffer.data()) == 1;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool is_given_address(const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos || !is_host(text.substr(0, first))) return false;
  const auto port = parse_number(text.substr(first + 1, second - first - 1));
  if (!port || *port == 0 || *port > 65535) return false;
  const std::vector<std::string> addresses = split(text.substr(second + 1), ',');
  return std::all_of(addresses.begin(), addresses.end(), is_address);
}

}  // namespace

std::pair<std::string, std::string> parse_given_field(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string name(text.substr(0, colon));
  if (colon == std::string_view::npos || !is_token(name))
    refuse("Expected --header as 'NAME: VALUE'");  // which may be a secret: it is not repeated
  const std::string value(trim(text.substr(colon + 1)));
  if (has_control(value)) refuse(fmt::format("the value of '{}' holds control characters", name));
  if (value.empty()) refuse(fmt::format("Expected --header '{}' with a value", name));
  refuse_own(name);
  return {name, value};
}

bool is_secret_field(std::string_view name) {
  constexpr std::array<std::string_view, 11> kWords = {
      "auth", "cookie", "token",      "secret",  "password", "passwd",
      "key",  "jwt",    "credential", "session", "signature"};
  const std::string small = to_lower(name);
  if (small == "www-authenticate" || small == "proxy-authenticate") return false;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

std::string parse_given_address(std::string_view text) {
  std::string small = to_lower(text);
  if (!is_given_address(small))
    refuse(fmt::format("Expected --resolve as HOST:PORT:ADDRESS, got '{}'", text));
  return small;
}

}  // namespace tote::transport

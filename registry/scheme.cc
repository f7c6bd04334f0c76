#include "registry/scheme.h"

#include "base/error.h"
#include "base/text.h"
#include "registry/first_of_two.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace tote::registry {
namespace {

// How long https is alone before plain HTTP starts too.
constexpr std::chrono::milliseconds kHeadStart{300};

// The four numbers of a dotted IPv4 address.
std::optional<std::array<int, 4>> parse_ipv4(std::string_view host) {
  const std::vector<std::string> parts = split(host, '.');
  std::array<int, 4> numbers{};
  if (parts.size() != numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = parse_number(parts[i]);
    if (!number || *number > 255) return std::nullopt;
    numbers[i] = static_cast<int>(*number);
  }
  return numbers;
}

bool is_private(std::string_view host) {
  const auto ip = parse_ipv4(host);
  if (!ip) return false;
  const auto& [a, b, c, d] = *ip;
  return a == 10 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
}

// In one message; a busy registry's wish for patience is kept.
[[noreturn]] void throw_failures(const Error& first, const Error& second, bool names_both) {
  const std::string both = fmt::format("{}; {}", first.message(), second.message());
  for (const Error& answer : {first, second})
    if (answer.kind() != ErrorKind::kTransport && answer.retry() == Retry::kYes)
      throw Error(ErrorKind::kTransport, both, Retry::kYes).with_retry_after(answer.retry_after());
  // One of the two is the wrong scheme, and fails in a way that can not be told from a moment's.
  const bool may_pass = first.retry() == Retry::kYes && second.retry() == Retry::kYes;
  // A certificate that is not trusted is the reason; that plain http fails as well is none.
  const bool is_enough = !first.hint().empty() && !names_both;
  throw Error(ErrorKind::kTransport, is_enough ? first.message() : both,
              may_pass ? Retry::kYes : Retry::kNo)
      .with_hint(first.hint());
}

}  // namespace

bool may_use_plain_http(const std::string& registry) {
  const std::size_t colon = registry.rfind(':');
  const bool has_port =
      colon != std::string::npos && registry.find(']', colon) == std::string::npos;
  const std::string host = registry.substr(0, has_port ? colon : std::string::npos);
  return (host == "localhost" && has_port) || host.ends_with(".local") ||
         host.ends_with(".localhost") || host.find("127.0.0.1") != std::string::npos ||
         host.find("::1") != std::string::npos || is_private(host);
}

std::unique_ptr<transport::Reply> ask_by_both_schemes(const AskByScheme& ask, bool names_both,
                                                      const std::stop_token& stop) {
  auto [reply, failures] = Race<std::unique_ptr<transport::Reply>>().run(
      [&](std::stop_token token) { return ask("https", std::move(token)); },
      [&](std::stop_token token) { return ask("http", std::move(token)); }, kHeadStart, stop);
  if (!reply) throw_failures(*failures[0], *failures[1], names_both);
  return *std::move(reply);
}

}  // namespace tote::registry

#include "registry/paged_list.h"

#include "transport/link_header.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace tote::registry {
namespace {

// What a page counts for, however small it is.
constexpr std::uint64_t kLeastOfAPage = 64U << 10U;

// The URL of the next page; empty when there is none.
std::string next_page(const transport::Reply& reply, const std::string& what) {
  const std::string target = transport::next_link(reply.headers("Link"));
  if (target.empty()) return {};
  std::string next = transport::follow(reply.url(), target);
  if (transport::origin_of(next) != transport::origin_of(reply.url()))
    throw Error(ErrorKind::kRegistry, fmt::format("the registry's {} goes on elsewhere, at '{}'",
                                                  what, transport::redact_url(next)));
  return next;
}

}  // namespace

void read_pages(Host::Fetched first, Host& host, const std::string& repository,
                const std::string& what, const TakePage& take, const std::stop_token& stop) {
  std::set<std::string> visited;
  std::uint64_t size = 0;
  for (Host::Fetched page = std::move(first);;) {
    size += page.body.size() + kLeastOfAPage;
    const bool is_new = take(page.body);
    const std::string next = next_page(*page.reply, what);
    if (next.empty()) return;
    if (!is_new || !visited.insert(next).second || size >= kMaxList)
      throw Error(ErrorKind::kRegistry, fmt::format("the registry's {} does not end", what));
    page = host.fetch({.url = next}, {.repository = repository}, kMaxList - size, what, stop);
  }
}

}  // namespace tote::registry

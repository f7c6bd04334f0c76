#include "registry/catalog.h"

#include "base/json.h"
#include "registry/paged_list.h"

#include <fmt/format.h>

#include <set>

namespace tote::registry {
namespace {

constexpr const char* kWhat = "list of repositories";

// Adds a page's repositories; false if it had some, all of which were known.
bool add_repositories(const std::string& page, std::vector<std::string>& repositories,
                      std::set<std::string>& known) {
  const std::size_t before = known.size();
  const std::vector<Json> items = Json::parse(page, kWhat).items_of("repositories");
  for (const Json& item : items)
    if (known.insert(item.string()).second) repositories.push_back(item.string());
  return items.empty() || known.size() > before;
}

// Most registries that many people share show their list to nobody.
std::string why_there_is_no_list(const RegistryError& error) {
  constexpr const char* kInstead = "name a repository: tote ls HOST/REPOSITORY";
  if (!error.is_denied())
    return fmt::format("this registry does not list its repositories; {}", kInstead);
  const std::string otherwise =
      error.hint().empty() ? std::string() : fmt::format("; or {}", error.hint());
  return fmt::format("many registries show the list of repositories to nobody; {}{}", kInstead,
                     otherwise);
}

}  // namespace

std::vector<std::string> list_repositories(Host& host, const std::stop_token& stop) {
  std::vector<std::string> repositories;
  std::set<std::string> known;
  try {
    read_pages(
        host.fetch({.url = "/v2/_catalog?n=1000"}, {.repository = {}}, kMaxList, kWhat, stop), host,
        {}, kWhat,
        [&](const std::string& page) { return add_repositories(page, repositories, known); }, stop);
  } catch (RegistryError& error) {
    error.with_hint(why_there_is_no_list(error));
    throw;
  }
  return repositories;
}

}  // namespace tote::registry

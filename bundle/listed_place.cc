#include "bundle/listed_place.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tote::bundle {
namespace {

std::string_view without_scheme(std::string_view text) {
  for (const std::string_view scheme : {"oci://", "docker://"})
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  return text;
}

// A tag is no port: "ubuntu:22.04" is an image.
bool is_host(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view name = text.substr(0, colon);
  if (name.empty() || text.find_first_of("/@") != std::string_view::npos) return false;
  if (colon != std::string_view::npos) return parse_number(text.substr(colon + 1)).has_value();
  return name == "localhost" || (name.find('.') != std::string_view::npos && name != "." &&
                                 name != ".." && !name.ends_with('.'));
}

// As it is called where images are read: "docker.io" is "index.docker.io". The path is any.
ListedRegistry registry_of(std::string_view host, std::string prefix) {
  return {oci::Repository::parse(fmt::format("{}/any", host)).registry, std::move(prefix)};
}

// "HOST", "HOST/", "HOST/PREFIX/".
std::optional<ListedRegistry> parse_registry(std::string_view text) {
  const std::string_view host = text.substr(0, text.find('/'));
  if (!is_host(host)) return std::nullopt;
  if (host.size() == text.size()) return registry_of(host, {});
  if (!text.ends_with('/')) return std::nullopt;
  std::string prefix(text.substr(host.size() + 1));
  // Whatever it is that ends in two: a prefix of no repository.
  if (prefix.ends_with("//") || prefix == "/")
    throw Error(ErrorKind::kParse, fmt::format("'{}' is the beginning of no repository", text));
  return registry_of(host, std::move(prefix));
}

}  // namespace

ListedPlace parse_listed_place(std::string_view text, const PathExists& exists) {
  const std::string_view name = without_scheme(text);
  const bool is_path = name.size() == text.size() && exists(std::filesystem::path(text));
  if (!is_path)
    if (std::optional<ListedRegistry> registry = parse_registry(name)) return *std::move(registry);
  return std::visit([](auto&& place) { return ListedPlace(std::forward<decltype(place)>(place)); },
                    parse_place(text, exists));
}

}  // namespace tote::bundle

#include "bundle/redact_hosts.h"

#include "bundle/relocated_name.h"

namespace tote::bundle {
namespace {

using Aliases = std::map<std::string, std::string>;

bool ends_a_host(std::string_view text, std::size_t at) {
  constexpr std::string_view kOfHosts =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
  return at >= text.size() || kOfHosts.find(text[at]) == std::string_view::npos;
}

// Wherever a whole host stands in it.
void redact(const Aliases& aliases, std::string& text) {
  for (const auto& [host, alias] : aliases)
    for (std::size_t at = 0; (at = text.find(host, at)) != std::string::npos;) {
      const bool is_whole =
          (at == 0 || ends_a_host(text, at - 1)) && ends_a_host(text, at + host.size());
      if (is_whole) text.replace(at, host.size(), alias);
      at += is_whole ? alias.size() : host.size();
    }
}

void redact(const Aliases& aliases, std::vector<discover::CombinedImage>& images) {
  for (discover::CombinedImage& image : images) {
    redact(aliases, image.name.registry);
    for (discover::ImageName& name : image.candidates) redact(aliases, name.registry);
    for (discover::FoundImage& found : image.found) redact(aliases, found.original);
  }
}

void redact(const Aliases& aliases, std::vector<discover::UnresolvedImage>& images) {
  for (discover::UnresolvedImage& image : images) redact(aliases, image.reason);
}

}  // namespace

void redact_hosts(const Aliases& aliases, discover::Report& report) {
  for (discover::ReportItem& item : report)
    for (std::string* text : {&item.image, &item.message, &item.path}) redact(aliases, *text);
}

void redact_hosts(const Aliases& aliases, discover::Combined& found, ImagesLock& lock) {
  for (auto* images : {&found.chosen, &found.left_out, &found.ignored}) redact(aliases, *images);
  redact(aliases, found.unresolved);
  redact(aliases, found.unresolved_optional);
  redact_hosts(aliases, found.report);
  for (discover::ChartList& list : found.lists) redact(aliases, list.items);
  for (LockedImage& image : lock.images)
    for (auto& [key, value] : image.annotations)
      if (key == kOriginalNameAnnotation) redact(aliases, value);
}

}  // namespace tote::bundle

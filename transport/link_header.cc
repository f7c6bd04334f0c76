#include "transport/link_header.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/field_scanner.h"

#include <algorithm>

namespace tote::transport {
namespace {

constexpr std::string_view kBlanks = " \t";

// "; name=value" after a link's target, as often as there is one. False: something else is there.
bool read_parameters(FieldScanner& scan, Link& link) {
  for (scan.skip(kBlanks); scan.next_is(';'); scan.skip(kBlanks)) {
    scan.drop_one();
    scan.skip(kBlanks);
    const std::string name = to_lower(scan.token());
    scan.skip(kBlanks);
    if (!scan.next_is('=')) continue;
    if (name.empty()) return false;
    scan.drop_one();
    scan.skip(kBlanks);
    const std::string value = scan.value();
    if (name == "anchor") link.is_of_something_else = true;
    // Of a repeated one the first counts.
    if (name == "rel" && !link.relations) link.relations = split(to_lower(value), ' ');
  }
  return scan.at_end() || scan.next_is(',');
}

bool says_next(const Link& link) {
  return link.relations &&
         std::find(link.relations->begin(), link.relations->end(), "next") != link.relations->end();
}

}  // namespace

std::optional<std::vector<Link>> parse_links(std::string_view field) {
  std::vector<Link> links;
  FieldScanner scan(field);
  for (;;) {
    scan.skip(" \t,");
    if (scan.at_end()) return links;
    if (!scan.next_is('<')) return std::nullopt;
    scan.drop_one();
    Link link{.target = scan.up_to('>')};
    if (link.target.empty() || !read_parameters(scan, link)) return std::nullopt;
    links.push_back(std::move(link));
  }
}

std::string next_link(const std::vector<std::string>& fields) {
  std::string unnamed;
  for (const std::string& field : fields) {
    const auto links = parse_links(field);
    if (!links)
      throw Error(ErrorKind::kRegistry,
                  "the registry's list goes on, but its Link field can not be understood");
    for (const Link& link : *links) {
      if (link.is_of_something_else) continue;
      if (says_next(link)) return link.target;
      if (!link.relations && unnamed.empty()) unnamed = link.target;
    }
  }
  return unnamed;
}

}  // namespace tote::transport

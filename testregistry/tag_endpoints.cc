#include "base/json.h"
#include "base/text.h"
#include "testregistry/endpoints.h"
#include "testregistry/errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

std::string tag_list(const std::string& repository, const std::vector<std::string>& tags) {
  std::string list;
  for (const std::string& tag : tags) list += (list.empty() ? "" : ",") + json_quote(tag);
  return fmt::format(R"({{"name":{},"tags":[{}]}})", json_quote(repository), list);
}

}  // namespace

Response list_tags(const Call& call) {
  const std::string& repository = call.route.repository;
  if (!call.storage.has_repository(repository)) return name_unknown();
  std::vector<std::string> tags = call.storage.tags(repository);
  if (const auto last = call.head.parameter("last"))
    tags.erase(tags.begin(), std::upper_bound(tags.begin(), tags.end(), *last));
  Response response{200, {{"Content-Type", "application/json"}}};
  if (const auto n = parse_number(call.head.parameter("n").value_or("")); n && *n < tags.size()) {
    tags.resize(*n);
    if (!tags.empty())
      response.headers.emplace_back(
          "Link", fmt::format("</v2/{}/tags/list?n={}&last={}>; rel=\"next\"", repository, *n,
                              percent_encode(tags.back())));
  }
  response.body = tag_list(repository, tags);
  return response;
}

}  // namespace tote::testregistry

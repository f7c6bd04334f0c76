#include "base/json_writer.h"
#include "base/text.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "testregistry/api/endpoints.h"
#include "testregistry/api/errors.h"
#include "testregistry/http/error_response.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

constexpr std::size_t kCatalogPage = 1000;
// So much of an index of referrers goes into one answer; clients read no larger manifests.
constexpr std::size_t kReferrersPage = oci::kMaxManifestSize / 2;

void add_next(Response& response, std::string_view path, std::string_view query) {
  response.headers.emplace_back("Link", fmt::format("<{}?{}>; rel=\"next\"", path, query));
}

// `n` of a request: nullopt when it is absent; what is no number is refused by the caller.
struct PageSize {
  bool valid = true;
  std::optional<std::uint64_t> n = {};
};

PageSize page_size(const RequestHead& head) {
  const std::optional<std::string_view> text = head.parameter("n");
  if (!text) return {};
  const std::optional<std::uint64_t> n = parse_number(*text);
  return {n.has_value(), n};
}

Response bad_page_size() {
  return error_response(400, "UNSUPPORTED", "The parameter n is no number");
}

}  // namespace

Response list_tags(const Call& call) {
  const std::string& repository = call.route.repository;
  const PageSize page = page_size(call.head);
  if (!page.valid) return bad_page_size();
  if (!call.storage.records.has_repository(repository)) return name_unknown();
  std::vector<std::string> tags = call.storage.records.tags(repository);
  if (const auto last = call.head.parameter("last"))
    tags.erase(tags.begin(), std::upper_bound(tags.begin(), tags.end(), *last));
  Response response{200, {{"Content-Type", "application/json"}}};
  if (page.n && *page.n < tags.size()) {
    tags.resize(*page.n);
    if (!tags.empty())
      add_next(response, fmt::format("/v2/{}/tags/list", repository),
               fmt::format("n={}&last={}", *page.n, percent_encode(tags.back())));
  }
  response.body = JsonWriter()
                      .begin_object()
                      .member("name", repository)
                      .member("tags", tags)
                      .end_object()
                      .take();
  return response;
}

Response list_repositories(const Call& call) {
  const PageSize page = page_size(call.head);
  if (!page.valid) return bad_page_size();
  const std::uint64_t n = std::min<std::uint64_t>(page.n.value_or(kCatalogPage), kCatalogPage);
  const std::string last(call.head.parameter("last").value_or(""));
  std::vector<std::string> names = call.storage.records.repositories(last, n + 1);
  Response response{200, {{"Content-Type", "application/json"}}};
  if (names.size() > n) {
    names.resize(n);
    if (n > 0)
      add_next(response, "/v2/_catalog",
               fmt::format("n={}&last={}", n, percent_encode(names.back())));
  }
  response.body = JsonWriter().begin_object().member("repositories", names).end_object().take();
  return response;
}

// Pages are told apart by the last digest that was sent; `n` is ours, for testing clients.
Response list_referrers(const Call& call) {
  const std::optional<oci::Digest> subject = oci::Digest::try_parse(call.route.reference);
  if (!subject) return digest_invalid("Invalid digest");
  const PageSize page = page_size(call.head);
  if (!page.valid) return bad_page_size();
  const std::optional<std::string_view> wanted = call.head.parameter("artifactType");
  const auto last = oci::Digest::try_parse(call.head.parameter("last").value_or(""));

  Response response{200, {{"Content-Type", std::string(oci::kOciIndex)}}};
  if (wanted) response.headers.emplace_back("OCI-Filters-Applied", "artifactType");
  std::vector<std::string> entries;
  std::size_t size = 0;  // bytes of them, with a comma between each two
  std::optional<oci::Digest> sent;
  for (const Referrer& referrer : call.storage.records.referrers(call.route.repository, *subject)) {
    if ((wanted && referrer.artifact_type != *wanted) || (last && referrer.digest <= *last))
      continue;
    const bool is_full = size + referrer.descriptor.size() > kReferrersPage ||
                         (page.n && entries.size() >= std::max<std::uint64_t>(*page.n, 1));
    if (sent && is_full) {
      std::string query = "last=" + percent_encode(sent->str());
      if (page.n) query += fmt::format("&n={}", *page.n);
      if (wanted) query += "&artifactType=" + percent_encode(*wanted);
      add_next(response, fmt::format("/v2/{}/referrers/{}", call.route.repository, subject->str()),
               query);
      break;
    }
    size += referrer.descriptor.size() + (entries.empty() ? 0 : 1);
    entries.push_back(referrer.descriptor);
    sent = referrer.digest;
  }
  response.body = oci::encode_index(oci::kOciIndex, entries);
  return response;
}

}  // namespace tote::testregistry

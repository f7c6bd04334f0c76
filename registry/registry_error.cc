#include "registry/registry_error.h"

#include "base/json.h"
#include "base/text.h"
#include "registry/auth/cloud_keychain.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::registry {
namespace {

constexpr std::size_t kMaxErrorBody = 64 * 1024;
constexpr std::size_t kMaxTitle = 200;
constexpr std::size_t kMaxShown = 1024;  // of a body that is no structured error

struct Answer {
  std::vector<std::string> frames;  // the last is the cause
  std::vector<std::string> codes = {};
};

std::string reason(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Request Entity Too Large";
    case 416:
      return "Requested Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";
  }
}

std::string read_error_body(transport::Reply& reply) {
  std::string body(kMaxErrorBody, '\0');
  try {
    body.resize(read_full(reply, std::as_writable_bytes(std::span(body))));
  } catch (const Error&) {
    body.clear();  // the status says enough
  }
  return body;
}

// As Go prints values of any type: "map[Tag:latest]", "[a b]".
std::string go_text(const Json& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return value.string();
  std::string out;
  if (value.is_array()) {
    for (const Json& item : value.items()) out += (out.empty() ? "" : " ") + go_text(item);
    return fmt::format("[{}]", out);
  }
  if (!value.is_object()) return value.text();
  for (const auto& [key, member] : value.members())
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ", key, go_text(member));
  return fmt::format("map[{}]", out);
}

// nullopt: not the structure of the specification.
std::optional<Answer> parse_structured(const std::string& body) {
  try {
    const auto errors = Json::parse(body, "error").items_of("errors");
    if (errors.empty()) return std::nullopt;
    std::vector<std::string> codes;
    std::vector<std::string> texts;
    for (const Json& error : errors) {
      codes.push_back(error.string_or("code", ""));
      texts.push_back(error.string_or("message", ""));
      if (const auto detail = error.find("detail")) texts.back() += "; " + go_text(*detail);
    }
    if (errors.size() == 1) return Answer{{codes[0], texts[0]}, codes};
    std::string all;
    for (std::size_t i = 0; i < codes.size(); ++i)
      all += fmt::format("{}{}: {}", i == 0 ? "" : "; ", codes[i], texts[i]);
    return Answer{{"multiple errors returned", std::move(all)}, std::move(codes)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_html(std::string_view body) {
  const std::string start = to_lower(trim(body).substr(0, 256));
  return start.starts_with("<!doctype html") || start.starts_with("<html") ||
         start.starts_with("<head") || start.starts_with("<title") || start.starts_with("<h1");
}

// What stands in a page's <title>, or <h1>; empty if it has neither.
std::string title_of(const std::string& page) {
  const std::string small = to_lower(page);
  for (const std::string_view name : {"title", "h1"}) {
    const std::size_t tag = small.find(fmt::format("<{}", name));
    const std::size_t begin = tag == std::string::npos ? tag : small.find('>', tag);
    const std::size_t end = begin == std::string::npos ? begin : small.find('<', begin);
    if (end == std::string::npos) continue;
    if (const auto title = trim(std::string_view(page).substr(begin + 1, end - begin - 1));
        !title.empty())
      return std::string(title.substr(0, kMaxTitle));
  }
  return {};
}

Answer parse_answer(const std::string& method, int status, const std::string& body, Bodies bodies) {
  if (method == "HEAD")
    return {
        {fmt::format("unexpected status code {} {} (HEAD responses have no body, use GET for "
                     "details)",
                     status, reason(status))}};
  if (std::optional<Answer> structured = parse_structured(body)) return *std::move(structured);
  Answer answer{{fmt::format("unexpected status code {} {}", status, reason(status))}};
  const bool is_page = bodies == Bodies::kReadable && is_html(body);
  const std::string readable = is_page ? title_of(body) : std::string(trim(body));
  if (!readable.empty()) answer.frames.push_back(readable.substr(0, kMaxShown));
  return answer;
}

// By imgpkg's rules, for what is read too; but there a code does not make a refusal transient.
bool is_transient(const std::string& method, int status, const std::vector<std::string>& codes) {
  constexpr std::array<int, 6> kStatuses = {408, 429, 500, 502, 503, 504};
  constexpr std::array<std::string_view, 4> kCodes = {"BLOB_UPLOAD_INVALID", "TOOMANYREQUESTS",
                                                      "UNKNOWN", "UNAVAILABLE"};
  const bool is_busy = std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
  const bool reads = method == "GET" || method == "HEAD";
  if (!is_busy && (reads || codes.empty())) return false;
  return std::all_of(codes.begin(), codes.end(), [&](const std::string& code) {
    return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
  });
}

ErrorKind kind_of(int status) {
  if (status == 401) return ErrorKind::kUnauthorized;
  if (status == 403) return ErrorKind::kForbidden;
  return status == 404 ? ErrorKind::kNotFound : ErrorKind::kRegistry;
}

std::string login_hint(int status, const std::string& url) {
  if (std::string cloud = cloud_login_hint(transport::host_of(url)); !cloud.empty()) return cloud;
  // What is forbidden may be so for everybody (a quota, a tag that may not move).
  return fmt::format(
      "{} with --registry-username and --registry-password, IMGPKG_REGISTRY_* variables, or a "
      "docker config.json",
      status == 401 ? "give credentials" : "if other credentials may do this, give them");
}

// By what registries and the proxies before them say: Harbor, Quay, GitLab, nginx.
std::string hint_for(const std::string& method, int status, const std::string& message,
                     const std::string& url) {
  const bool writes = method != "GET" && method != "HEAD";
  const std::string text = to_lower(message);
  const auto says = [&](std::string_view word) { return text.find(word) != std::string::npos; };
  if (status == 413)
    return "a proxy before the registry, or the registry, does not take so much at once (nginx: "
           "client_max_body_size)";
  if (writes && status >= 400 && says("quota"))
    return "there is no more room for this repository: delete images there, or have its quota "
           "raised";
  if (writes && status >= 400 && (says("read-only") || says("readonly") || says("read only")))
    return "the registry takes nothing at present: push again when it is no longer read-only, or "
           "to the registry that it mirrors";
  return status == 401 || status == 403 ? login_hint(status, url) : std::string();
}

}  // namespace

bool may_refuse_head_only(int status) noexcept {
  return status == 400 || status == 401 || status == 403 || status == 405 || status == 501;
}

RegistryError make_registry_error(const std::string& method, transport::Reply& reply,
                                  Bodies bodies) {
  const int status = reply.status();
  Answer answer = parse_answer(method, status, read_error_body(reply), bodies);
  const Retry retry = is_transient(method, status, answer.codes) ? Retry::kYes : Retry::kNo;
  RegistryError error(kind_of(status), std::move(answer.frames.back()), retry, status);
  for (auto frame = answer.frames.rbegin() + 1; frame != answer.frames.rend(); ++frame)
    error.add_context(std::move(*frame));
  error.add_context(fmt::format("{} {}", method, transport::redact_url(reply.url())));
  error.with_codes(std::move(answer.codes)).with_retry_after(reply.retry_after());
  error.with_hint(hint_for(method, status, error.message(), reply.url()));
  return error;
}

}  // namespace tote::registry

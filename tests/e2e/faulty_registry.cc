#include "tests/e2e/faulty_registry.h"

#include "testregistry/http/error_response.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::test {
namespace {

namespace tr = testregistry;

// No test waits for as long: clients give up before.
constexpr std::chrono::minutes kForEver{10};

tr::Response refusal(const tr::RequestHead& head, Mischief mischief) {
  switch (mischief) {
    case Mischief::kTooMany:
      return tr::error_response(429, "TOOMANYREQUESTS", "a fault on purpose");
    case Mischief::kTooManyFor1s: {
      tr::Response response = tr::error_response(429, "TOOMANYREQUESTS", "a fault on purpose");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    case Mischief::kBroken:
      return tr::error_response(500, "UNKNOWN", "a fault on purpose");
    case Mischief::kUnavailable:
      return tr::error_response(503, "UNAVAILABLE", "a fault on purpose");
    case Mischief::kUnauthorized:
      return tr::unauthorized(
          fmt::format("Bearer realm=\"http://{}/token\",service=\"tote\",error=\"invalid_token\"",
                      head.header("Host").value_or("")));
    case Mischief::kPage:
      return {200,
              {{"Content-Type", "text/html"}},
              std::string("<html><title>Down for maintenance</title></html>")};
    default: {
      tr::Response response;
      drop(response);
      return response;
    }
  }
}

tr::Response redirect_to(const tr::RequestHead& head) {
  std::string target = head.path;
  for (const auto& [name, value] : head.query)
    target +=
        fmt::format("{}{}={}", target.find('?') == std::string::npos ? '?' : '&', name, value);
  return {307, {{"Location", target}}};
}

bool is_instead_of_an_answer(Mischief mischief) {
  switch (mischief) {
    case Mischief::kDropBefore:
    case Mischief::kTooMany:
    case Mischief::kTooManyFor1s:
    case Mischief::kBroken:
    case Mischief::kUnavailable:
    case Mischief::kUnauthorized:
    case Mischief::kPage:
      return true;
    default:
      return false;
  }
}

std::string other_digest() {
  return oci::Digest::of(as_bytes(std::string_view("something else"))).str();
}

void change_digest(tr::Response& response, bool is_there) {
  std::erase_if(response.headers,
                [](const auto& field) { return field.first == "Docker-Content-Digest"; });
  if (is_there) response.headers.emplace_back("Docker-Content-Digest", other_digest());
}

void spoil(tr::Response& response, Mischief mischief) {
  const std::uint64_t middle = response.body_length() / 2;
  tr::Mishap mishap;
  switch (mischief) {
    case Mischief::kDropAfter:
      mishap.drop = true;
      break;
    case Mischief::kDropInAnswer:
      mishap.cut_at = middle;
      break;
    case Mischief::kTruncate:
      response.body = body_of(response).substr(0, middle);
      return;
    case Mischief::kExtra:
      mishap.extra = 7;
      break;
    case Mischief::kCorrupt:
      mishap.corrupt_at = middle / 2;  // of a token's answer: in the token
      break;
    case Mischief::kStall:
      mishap.stall_at = middle;
      break;
    case Mischief::kSilence:
      mishap.delay = kForEver;
      break;
    default:
      return change_digest(response, mischief == Mischief::kWrongDigest);
  }
  response.mishap = std::make_shared<const tr::Mishap>(mishap);
}

// Takes half of a body, and then the connection ends.
class BrokenExchange final : public tr::ExchangeFilter {
 public:
  BrokenExchange(std::unique_ptr<tr::Exchange> inner, std::uint64_t length)
      : ExchangeFilter(std::move(inner)), left_((length + 1) / 2) {}

  void on_body(ConstBytes data) override {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
    ExchangeFilter::on_body(data.first(taken));
    left_ -= taken;
  }
  bool is_decided() const override { return left_ == 0; }
  tr::Response finish() override {
    let_go_of_inner();
    tr::Response response;
    drop(response);
    return response;
  }
  tr::Lane lane() const override { return tr::Lane::kStorage; }

 private:
  std::uint64_t left_;
};

tr::Begun break_request(tr::Begun begun, const tr::RequestHead& head) {
  if (auto* exchange = std::get_if<std::unique_ptr<tr::Exchange>>(&begun))
    return std::make_unique<BrokenExchange>(std::move(*exchange), head.content_length.value_or(0));
  drop(std::get<tr::Response>(begun));
  return begun;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Operation post_of(const tr::RequestHead& head) {
  if (head.parameter("mount")) return Operation::kPostMount;
  return head.parameter("digest") ? Operation::kPostBlob : Operation::kPostSession;
}

}  // namespace

void Mischievous::fail(Operation at, Mischief with, std::size_t times) {
  const std::lock_guard lock(mutex_);
  at_ = at;
  with_ = with;
  times_ = times;
  struck_ = 0;
}

void Mischievous::fail_first(Operation at, Mischief with) {
  const std::lock_guard lock(mutex_);
  first_at_ = at;
  first_with_ = with;
}

std::size_t Mischievous::calm() {
  const std::lock_guard lock(mutex_);
  at_.reset();
  first_at_.reset();
  return std::exchange(struck_, 0);
}

void Mischievous::call_large(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  large_.insert(digest);
}

std::optional<Operation> Mischievous::operation_of(const tr::RequestHead& head) const {
  const std::string& path = head.path;
  const std::string& method = head.method;
  if (path == "/token") return Operation::kToken;
  if (path == "/v2/") return Operation::kProbe;
  if (has(path, "/manifests/")) {
    if (method == "PUT") return Operation::kPutManifest;
    return method == "HEAD" ? Operation::kHeadManifest : Operation::kGetManifest;
  }
  if (has(path, "/blobs/uploads/")) {
    if (method == "POST") return post_of(head);
    if (method == "PATCH") return Operation::kPatch;
    return method == "PUT" ? Operation::kPutBlob : Operation::kGetSession;
  }
  if (!has(path, "/blobs/")) return std::nullopt;
  if (method == "HEAD") return Operation::kHeadBlob;
  return large_.count(path.substr(path.rfind('/') + 1)) > 0 ? Operation::kGetLargeBlob
                                                            : Operation::kGetBlob;
}

std::optional<Mischief> Mischievous::strike(const tr::RequestHead& head) {
  const std::lock_guard lock(mutex_);
  const auto operation = operation_of(head);
  if (!operation) return std::nullopt;
  if (operation == first_at_) {
    first_at_.reset();
    return first_with_;
  }
  if (operation != at_ || struck_ >= times_) return std::nullopt;
  ++struck_;
  return with_;
}

tr::Begun Mischievous::begin(const tr::RequestHead& head) {
  const std::optional<Mischief> mischief = strike(head);
  if (!mischief) return inner().begin(head);
  if (is_instead_of_an_answer(*mischief)) return refusal(head, *mischief);
  if (mischief == Mischief::kRedirectToItself) return redirect_to(head);
  tr::Begun begun = inner().begin(head);
  if (mischief == Mischief::kDropInRequest) return break_request(std::move(begun), head);
  return tr::change_answer(std::move(begun),
                           [mischief](tr::Response& response) { spoil(response, *mischief); });
}

FaultyRegistry::FaultyRegistry()
    : registry_({.access = tr::AccessOptions{.rules = tr::AccessRules::simple({}),
                                             .scheme = tr::AuthScheme::kToken},
                 .made_user = "user",
                 .in_front = [this](tr::Handler& inner) {
                   auto made = std::make_unique<Mischievous>(inner);
                   mischief_ = made.get();
                   return made;
                 }}) {
  registry_.start();
}

std::string FaultyRegistry::login() const {
  return registry_.ready().user + ":" + registry_.ready().password;
}

}  // namespace tote::test

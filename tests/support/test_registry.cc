#include "tests/support/test_registry.h"

#include "testregistry/access/access.h"

#include <algorithm>
#include <csignal>

namespace tote::test {

namespace tr = testregistry;

namespace {

// As the program does: a test may write to a connection that a server has closed.
[[maybe_unused]] const auto kBefore = std::signal(SIGPIPE, SIG_IGN);

}  // namespace

void Interceptor::replace(Replace replace) {
  const std::lock_guard lock(mutex_);
  replace_ = std::move(replace);
}

void Interceptor::change(Change change) {
  const std::lock_guard lock(mutex_);
  change_ = std::move(change);
}

std::vector<std::string> Interceptor::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t Interceptor::count(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [&](const std::string& request) { return request.starts_with(prefix); }));
}

void Interceptor::forget_requests() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

tr::Begun Interceptor::begin(const tr::RequestHead& head) {
  Replace replace;
  Change change;
  {
    const std::lock_guard lock(mutex_);
    std::string request = head.method + " " + head.path;
    for (const auto& [name, value] : head.query)
      request += (request.find('?') == std::string::npos ? "?" : "&") + name + "=" + value;
    requests_.push_back(std::move(request));
    replace = replace_;
    change = change_;
  }
  if (replace)
    if (auto response = replace(head)) return *std::move(response);
  tr::Begun begun = inner().begin(head);
  if (!change) return begun;
  return tr::change_answer(std::move(begun),
                           [change, head](tr::Response& response) { change(head, response); });
}

TestRegistry::TestRegistry(tr::ServerOptions options)
    : TestRegistry(no_wrap(), std::move(options)) {}

TestRegistry::TestRegistry(const Wrap& wrap, tr::ServerOptions options, tr::RegistryOptions allowed)
    : registry_({.allowed = std::move(allowed),
                 .server = std::move(options),
                 .in_front = [&](tr::Handler& inner) {
                   wrapped_ = wrap(inner);
                   auto made = std::make_unique<Interceptor>(wrapped_ ? *wrapped_ : inner);
                   interceptor_ = made.get();
                   return made;
                 }}) {
  registry_.start();
}

namespace {

class PasswordWall final : public tr::HandlerFilter {
 public:
  PasswordWall(tr::Handler& inner, const std::string& htpasswd)
      : HandlerFilter(static_cast<tr::Handler&>(access_)),
        users_(tr::Htpasswd::parse(htpasswd, "htpasswd")),
        access_(inner, users_, {tr::AccessRules::simple({})}) {}

 private:
  tr::Users users_;
  tr::Access access_;
};

}  // namespace

std::unique_ptr<tr::Handler> with_passwords(tr::Handler& inner, const std::string& htpasswd) {
  return std::make_unique<PasswordWall>(inner, htpasswd);
}

void cut(tr::Response& response, std::uint64_t at) {
  tr::Mishap mishap;
  mishap.cut_at = at;
  response.mishap = std::make_shared<const tr::Mishap>(mishap);
}

void drop(tr::Response& response) {
  tr::Mishap mishap;
  mishap.drop = true;
  response.mishap = std::make_shared<const tr::Mishap>(mishap);
}

std::string body_of(const tr::Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* source = std::get_if<tr::SourceBody>(&response.body))
    return read_all(*source->source, UINT64_MAX, "body");
  const tr::Content content = std::holds_alternative<tr::MemoryRange>(response.body)
                                  ? tr::Content(std::get<tr::MemoryRange>(response.body))
                                  : tr::Content(std::get<tr::FileRange>(response.body));
  const std::unique_ptr<Source> source = tr::open_content(content);
  return read_all(*source, UINT64_MAX, "body");
}

tr::Response call(tr::Handler& handler, tr::RequestHead head, const std::string& body) {
  if (!body.empty()) head.content_length = body.size();
  if (auto now = handler.answer_now(head)) return *std::move(now);
  tr::Begun begun = handler.begin(head);
  if (auto* response = std::get_if<tr::Response>(&begun)) return std::move(*response);
  auto& exchange = std::get<std::unique_ptr<tr::Exchange>>(begun);
  // In two pieces, as a network would.
  const std::string_view text = body;
  exchange->on_body(as_bytes(text.substr(0, text.size() / 2)));
  exchange->on_body(as_bytes(text.substr(text.size() / 2)));
  return exchange->finish();
}

}  // namespace tote::test

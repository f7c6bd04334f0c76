#include "tests/support/web_server.h"

#include "base/text.h"

#include <utility>

namespace tote::test {

namespace tr = testregistry;

class WebServer::Files final : public tr::HandlerFilter {
 public:
  using HandlerFilter::HandlerFilter;

  std::optional<tr::Response> answer_now(const tr::RequestHead&) override { return std::nullopt; }
  tr::Begun begin(const tr::RequestHead& head) override {
    const std::lock_guard lock(mutex_);
    const std::string authorization(head.header("Authorization").value_or(""));
    asked_.emplace(head.path, authorization);
    if (!wanted_.empty() && authorization != wanted_)
      return tr::Response{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}};
    if (const auto found = locations_.find(head.path); found != locations_.end())
      return tr::Response{.status = 302, .headers = {{"Location", found->second}}};
    const auto found = files_.find(head.path);
    if (found == files_.end()) return tr::Response{.status = 404};
    return tr::Response{.body = found->second};
  }

 private:
  friend class WebServer;

  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;       // guarded by mutex_
  std::map<std::string, std::string> locations_;   // guarded by mutex_
  std::string wanted_;                             // guarded by mutex_
  std::multimap<std::string, std::string> asked_;  // guarded by mutex_
};

WebServer::WebServer(std::optional<tr::ServerTls> tls)
    : registry_(
          [this](tr::Handler& inner) {
            auto files = std::make_unique<Files>(inner);
            files_ = files.get();
            return files;
          },
          [&] {
            tr::ServerOptions options;
            options.tls = std::move(tls);
            return options;
          }()) {}

void WebServer::put(const std::string& path, std::string content) {
  const std::lock_guard lock(files_->mutex_);
  files_->files_[path] = std::move(content);
}

void WebServer::lead(const std::string& path, const std::string& location) {
  const std::lock_guard lock(files_->mutex_);
  files_->locations_[path] = location;
}

void WebServer::lock(const std::string& user_and_password) {
  const std::lock_guard lock(files_->mutex_);
  files_->wanted_ = "Basic " + base64_encode(user_and_password);
}

std::multimap<std::string, std::string> WebServer::asked() const {
  const std::lock_guard lock(files_->mutex_);
  return files_->asked_;
}

}  // namespace tote::test

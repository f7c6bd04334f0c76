// Users and passwords from an htpasswd file (bcrypt entries, as docker-registry wants them), and
// the handler that asks for them (RFC 7617).
#pragma once

#include "oci/digest.h"
#include "testregistry/handler.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace tote::testregistry {

class Htpasswd {
 public:
  // Lines "user:hash"; empty ones and '#' comments are skipped. Error{kParse} with the line number
  // for anything else, also for hashes that are not bcrypt.
  static Htpasswd parse(std::string_view text, std::string_view origin);
  static Htpasswd load(const std::filesystem::path& path);

  // Slow on purpose: bcrypt.
  bool verify(const std::string& user, const std::string& password) const;

 private:
  std::map<std::string, std::string> hashes_;  // user -> bcrypt
};

// Lets requests with a right password through to `inner`, which must outlive it; 401 to others.
class BasicAuth final : public Handler {
 public:
  BasicAuth(Handler& inner, Htpasswd users) : inner_(inner), users_(std::move(users)) {}

  std::optional<Response> answer_now(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  bool is_known(std::string_view authorization);
  bool check(std::string_view authorization);

  Handler& inner_;
  Htpasswd users_;
  std::mutex mutex_;
  std::set<oci::Digest> known_;  // of Authorization values that were right; guarded by mutex_
};

}  // namespace tote::testregistry

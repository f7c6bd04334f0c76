// Users and passwords from an htpasswd file (bcrypt entries, as docker-registry wants them).
#pragma once

#include "oci/digest.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
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
  // One user, hashed here; cheaply, since the password is not kept anywhere.
  static Htpasswd single(const std::string& user, const std::string& password);

  // Another after the user's password has changed; nullopt: there is no such user.
  std::optional<std::string> mark(const std::string& user) const;
  // Slow on purpose: bcrypt.
  bool verify(const std::string& user, const std::string& password) const;

 private:
  std::map<std::string, std::string> hashes_;  // user -> bcrypt
};

// The users of a registry. Thread-safe.
class Users {
 public:
  explicit Users(Htpasswd users) : users_(std::move(users)) {}
  // Read again when it has changed, looked at once a second at most; a file that has become
  // unreadable is reported to `log`, and what was read before stays. Throws like Htpasswd::load.
  explicit Users(std::filesystem::path file, std::function<void(std::string_view)> log = {});

  // The user of an Authorization header (RFC 7617) with the right password, if that was right
  // before: without bcrypt, so quickly. nullopt: ask find().
  std::optional<std::string> find_known(std::string_view authorization);
  // nullopt: it is no Basic header, or the password is wrong. May be slow.
  std::optional<std::string> find(std::string_view authorization);
  // As of Htpasswd.
  std::optional<std::string> mark(const std::string& user);
  std::optional<std::string> check(const std::string& user, const std::string& password);

 private:
  void reread_if_changed();

  std::filesystem::path file_;  // empty: there is none
  std::function<void(std::string_view)> log_;
  std::mutex mutex_;
  Htpasswd users_;                             // guarded by mutex_, like the rest
  std::map<oci::Digest, std::string> known_;   // Authorization values that were right
  std::atomic<std::uint64_t> generation_ = 0;  // how often the file was read again
  std::chrono::steady_clock::time_point looked_at_;
  std::filesystem::file_time_type written_at_;
};

}  // namespace tote::testregistry

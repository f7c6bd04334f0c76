// Users and passwords from an htpasswd file (bcrypt entries, as docker-registry wants them).
#pragma once

#include "base/clock.h"
#include "base/mutex.h"
#include "oci/digest.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tote::testregistry {

class Htpasswd {
 public:
  // A hash of a higher cost would keep a thread busy for seconds (2^cost rounds).
  static constexpr int kMaxCost = 15;

  // Lines "user:hash"; empty ones and '#' comments are skipped. Error{kParse} with the line number
  // for anything else, also for hashes that are not bcrypt or cost too much.
  static Htpasswd parse(std::string_view text, std::string_view origin);
  static Htpasswd load(const std::filesystem::path& path);
  // One user, hashed here; cheaply, since the password is not kept anywhere.
  static Htpasswd single(const std::string& user, const std::string& password);

  bool empty() const { return hashes_.empty(); }
  // Another after the user's password has changed; nullopt: there is no such user.
  std::optional<std::string> mark(const std::string& user) const;
  // Slow on purpose: bcrypt. A name that is no user's takes as long as one of the users, always
  // the same one, so that the time does not tell names from users.
  bool verify(const std::string& user, const std::string& password) const;

 private:
  using Hashes = std::map<std::string, std::string>;  // user -> bcrypt
  Hashes::const_iterator stand_in_for(const std::string& user) const;

  Hashes hashes_;
};

// The users of a registry. Thread-safe.
class Users {
 public:
  explicit Users(Htpasswd users) : users_(std::move(users)) {}
  // Throws like Htpasswd::load, and Error{kParse} for a file without users. Once it has been read
  // it is read again when it has changed. In a file that is empty or has gone there are no users
  // from then on; one that can not be read, or has a line which is none, changes nothing. Both are
  // told to `log`. `clock` must outlive it.
  explicit Users(std::filesystem::path file, std::function<void(std::string_view)> log = {},
                 Clock& clock = system_clock());

  // Whether somebody has looked at the file within the last second.
  bool is_current();
  // Looks at the file, unless somebody has within the last second. May wait for a disk.
  void refresh();

  // The user of an Authorization header (RFC 7617) with the right password, if that was right
  // before: without bcrypt, so quickly. nullopt: ask find().
  std::optional<std::string> find_known(std::string_view authorization);
  // nullopt: it is no Basic header, or the password is wrong. Slow, if it is not known.
  std::optional<std::string> find(std::string_view authorization);
  // As of Htpasswd.
  std::optional<std::string> mark(const std::string& user);
  std::optional<std::string> check(const std::string& user, const std::string& password);

 private:
  // What tells one state of the file from another; all zero: there is no file.
  struct FileState {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    bool operator==(const FileState&) const = default;
  };
  static FileState state_of(const std::filesystem::path& file);
  bool was_looked_at() TOTE_REQUIRES(mutex_);
  void read_again(const FileState& state);
  void replace_users(Htpasswd users) TOTE_REQUIRES(mutex_);

  std::filesystem::path file_;  // empty: there is none
  std::function<void(std::string_view)> log_;
  Clock& clock_ = system_clock();
  Mutex mutex_;
  Htpasswd users_ TOTE_GUARDED_BY(mutex_);
  std::map<std::string, oci::Digest> known_
      TOTE_GUARDED_BY(mutex_);                            // the passwords that were right, by user
  std::uint64_t generation_ TOTE_GUARDED_BY(mutex_) = 0;  // how often the users have changed
  std::chrono::steady_clock::time_point looked_at_ TOTE_GUARDED_BY(mutex_);
  FileState state_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry

#include "testregistry/access/htpasswd.h"

#include "base/error.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/text.h"
#include "testregistry/values/random_name.h"

#include <crypt.h>
#include <fmt/format.h>

#include <array>
#include <functional>
#include <iterator>
#include <sys/stat.h>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kMaxFileSize = 1U << 20U;
constexpr std::string_view kScheme = "Basic ";
constexpr std::chrono::seconds kLookEvery{1};

// "$2b$10$" and 53 letters of salt and hash (crypt(5)).
bool is_bcrypt(std::string_view hash) {
  constexpr std::size_t kSize = 60;
  constexpr std::size_t kPrefix = 7;
  constexpr std::string_view kLetters =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (!hash.starts_with("$2y$") && !hash.starts_with("$2b$") && !hash.starts_with("$2a$"))
    return false;
  return hash.size() == kSize && hash[6] == '$' &&
         hash.substr(4, 2).find_first_not_of("0123456789") == std::string_view::npos &&
         hash.find_first_not_of(kLetters, kPrefix) == std::string_view::npos;
}

int cost_of(std::string_view hash) {
  return (hash[4] - '0') * 10 + (hash[5] - '0');
}

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> parse_basic(std::string_view authorization) {
  if (authorization.size() < kScheme.size() ||
      !equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const auto pair = base64_decode(trim(authorization.substr(kScheme.size())));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

}  // namespace

Htpasswd Htpasswd::parse(std::string_view text, std::string_view origin) {
  Htpasswd users;
  int number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_bcrypt(line.substr(colon + 1)))
      throw Error(ErrorKind::kParse,
                  fmt::format("{}, line {}: expected 'user:bcrypt-hash'", origin, number))
          .with_hint("make entries with: htpasswd -nB USER");
    if (const int cost = cost_of(line.substr(colon + 1)); cost > kMaxCost)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}, line {}: a bcrypt hash of cost {}, over the limit of {}", origin,
                              number, cost, kMaxCost))
          .with_hint("make it again with a lower cost: htpasswd -nB -C 10 USER");
    users.hashes_[std::string(line.substr(0, colon))] = line.substr(colon + 1);
  }
  return users;
}

Htpasswd Htpasswd::load(const std::filesystem::path& path) {
  return parse(read_file(path, kMaxFileSize), path.string());
}

Htpasswd Htpasswd::single(const std::string& user, const std::string& password) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  if (crypt_gensalt_rn("$2b$", 4, nullptr, 0, salt.data(), static_cast<int>(salt.size())) ==
      nullptr)
    throw Error(ErrorKind::kInternal, "no salt to be had");
  crypt_data scratch{};
  Htpasswd users;
  users.hashes_[user] = crypt_r(password.c_str(), salt.data(), &scratch);
  return users;
}

std::optional<std::string> Htpasswd::mark(const std::string& user) const {
  const auto found = hashes_.find(user);
  if (found == hashes_.end()) return std::nullopt;
  return oci::Digest::of(found->second).hex().substr(0, 16);
}

Htpasswd::Hashes::const_iterator Htpasswd::stand_in_for(const std::string& user) const {
  if (hashes_.empty()) return hashes_.end();
  static const std::string kSecret = random_name();
  const std::size_t drawn = std::hash<std::string>{}(kSecret + user) % hashes_.size();
  return std::next(hashes_.begin(), static_cast<std::ptrdiff_t>(drawn));
}

bool Htpasswd::verify(const std::string& user, const std::string& password) const {
  const auto found = hashes_.find(user);
  const auto entry = found == hashes_.end() ? stand_in_for(user) : found;
  // For crypt() a password would end at a NUL.
  if (entry == hashes_.end() || password.find('\0') != std::string::npos) return false;
  crypt_data scratch{};
  const char* hash = crypt_r(password.c_str(), entry->second.c_str(), &scratch);
  return hash != nullptr && entry->second == hash && entry == found;
}

Users::Users(std::filesystem::path file, std::function<void(std::string_view)> log, Clock& clock)
    : file_(std::move(file)),
      log_(std::move(log)),
      clock_(clock),
      looked_at_(clock_.now()),
      state_(state_of(file_)) {
  users_ = Htpasswd::load(file_);
  if (users_.empty())
    throw Error(ErrorKind::kParse, fmt::format("{}: there is no user in it", file_.string()))
        .with_hint("make entries with: htpasswd -nB USER");
}

Users::FileState Users::state_of(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, static_cast<std::uint64_t>(info.st_size),
          info.st_ino};
}

bool Users::was_looked_at() {
  return file_.empty() || clock_.now() - looked_at_ < kLookEvery;
}

void Users::replace_users(Htpasswd users) {
  users_ = std::move(users);
  known_.clear();
  ++generation_;
}

// Without the mutex: who only looks at a user does not wait for the disk.
void Users::read_again(const FileState& state) {
  try {
    Htpasswd users = state == FileState{} ? Htpasswd{} : Htpasswd::load(file_);
    if (users.empty() && log_)
      log_(fmt::format("{}: there is no user in it, so nobody can log in", file_.string()));
    const Lock lock(mutex_);
    state_ = state;
    replace_users(std::move(users));
  } catch (const Error& error) {
    if (log_) log_(error.message() + "; the users from before stay");
    const Lock lock(mutex_);
    // What can not be read now is tried again, what is no good when it has changed.
    if (error.kind() == ErrorKind::kParse) state_ = state;
  }
}

bool Users::is_current() {
  const Lock lock(mutex_);
  return was_looked_at();
}

void Users::refresh() {
  FileState known;
  {
    const Lock lock(mutex_);
    if (was_looked_at()) return;
    looked_at_ = clock_.now();  // one of those who ask looks
    known = state_;
  }
  // Before it is read: what is written meanwhile is found the next time.
  if (const FileState state = state_of(file_); state != known) read_again(state);
}

std::optional<std::string> Users::find_known(std::string_view authorization) {
  const std::optional<Credentials> given = parse_basic(authorization);
  if (!given) return std::nullopt;
  const oci::Digest password = oci::Digest::of(given->password);
  const Lock lock(mutex_);
  const auto found = known_.find(given->user);
  if (found == known_.end() || found->second != password) return std::nullopt;
  return given->user;
}

std::optional<std::string> Users::find(std::string_view authorization) {
  if (auto known = find_known(authorization)) return known;
  const std::optional<Credentials> given = parse_basic(authorization);
  if (!given) return std::nullopt;
  Htpasswd users;
  std::uint64_t generation = 0;
  {
    const Lock lock(mutex_);
    users = users_;  // bcrypt is slow: not under the lock
    generation = generation_;
  }
  if (!users.verify(given->user, given->password)) return std::nullopt;
  const Lock lock(mutex_);
  if (generation == generation_)
    known_.insert_or_assign(given->user, oci::Digest::of(given->password));
  return given->user;
}

std::optional<std::string> Users::mark(const std::string& user) {
  const Lock lock(mutex_);
  return users_.mark(user);
}

std::optional<std::string> Users::check(const std::string& user, const std::string& password) {
  if (user.find(':') != std::string::npos) return std::nullopt;  // it would end there
  return find("Basic " + base64_encode(user + ":" + password));
}

}  // namespace tote::testregistry

#include "testregistry/htpasswd.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <crypt.h>
#include <fmt/format.h>

#include <array>

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

bool Htpasswd::verify(const std::string& user, const std::string& password) const {
  const auto found = hashes_.find(user);
  // Who does not exist takes as long as who does.
  const auto entry = found == hashes_.end() ? hashes_.begin() : found;
  if (entry == hashes_.end()) return false;
  crypt_data scratch{};
  const char* hash = crypt_r(password.c_str(), entry->second.c_str(), &scratch);
  return hash != nullptr && entry->second == hash && entry == found;
}

Users::Users(std::filesystem::path file, std::function<void(std::string_view)> log)
    : file_(std::move(file)),
      log_(std::move(log)),
      users_(Htpasswd::load(file_)),
      looked_at_(std::chrono::steady_clock::now()),
      written_at_(std::filesystem::last_write_time(file_)) {}

// Under the mutex.
void Users::reread_if_changed() {
  const auto now = std::chrono::steady_clock::now();
  if (file_.empty() || now - looked_at_ < kLookEvery) return;
  looked_at_ = now;
  std::error_code failed;
  const auto written_at = std::filesystem::last_write_time(file_, failed);
  if (!failed && written_at == written_at_) return;
  try {
    users_ = Htpasswd::load(file_);
    known_.clear();
    ++generation_;
    written_at_ = written_at;
  } catch (const Error& error) {
    if (log_) log_(error.message());
  }
}

std::optional<std::string> Users::find_known(std::string_view authorization) {
  const oci::Digest digest = oci::Digest::of(authorization);
  const std::lock_guard lock(mutex_);
  reread_if_changed();
  const auto found = known_.find(digest);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Users::find(std::string_view authorization) {
  if (auto known = find_known(authorization)) return known;
  const std::optional<Credentials> given = parse_basic(authorization);
  if (!given) return std::nullopt;
  const std::uint64_t generation = generation_;
  std::optional<std::string> user = check(given->user, given->password);
  if (user) {
    const std::lock_guard lock(mutex_);
    if (generation == generation_) known_.emplace(oci::Digest::of(authorization), *user);
  }
  return user;
}

std::optional<std::string> Users::mark(const std::string& user) {
  const std::lock_guard lock(mutex_);
  reread_if_changed();
  return users_.mark(user);
}

std::optional<std::string> Users::check(const std::string& user, const std::string& password) {
  Htpasswd users;
  {
    const std::lock_guard lock(mutex_);
    reread_if_changed();
    users = users_;  // bcrypt is slow: not under the lock
  }
  if (!users.verify(user, password)) return std::nullopt;
  return user;
}

}  // namespace tote::testregistry

#include "testregistry/htpasswd.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "testregistry/errors.h"

#include <crypt.h>
#include <fmt/format.h>

namespace tote::testregistry {
namespace {

constexpr std::uint64_t kMaxFileSize = 1U << 20U;
constexpr std::string_view kScheme = "Basic ";

bool is_bcrypt(std::string_view hash) {
  return hash.starts_with("$2y$") || hash.starts_with("$2b$") || hash.starts_with("$2a$");
}

Response unauthorized() {
  return testregistry::unauthorized("Basic realm=\"tote\"");
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

bool Htpasswd::verify(const std::string& user, const std::string& password) const {
  const auto found = hashes_.find(user);
  if (found == hashes_.end()) return false;
  crypt_data scratch{};
  const char* hash = crypt_r(password.c_str(), found->second.c_str(), &scratch);
  return hash != nullptr && found->second == hash;
}

bool BasicAuth::is_known(std::string_view authorization) {
  const oci::Digest digest = oci::Digest::of(authorization);
  const std::lock_guard lock(mutex_);
  return known_.contains(digest);
}

bool BasicAuth::check(std::string_view authorization) {
  if (is_known(authorization)) return true;
  if (authorization.size() < kScheme.size() ||
      !equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme))
    return false;
  const auto pair = base64_decode(trim(authorization.substr(kScheme.size())));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return false;
  if (!users_.verify(pair->substr(0, colon), pair->substr(colon + 1))) return false;
  const std::lock_guard lock(mutex_);
  known_.insert(oci::Digest::of(authorization));
  return true;
}

std::optional<Response> BasicAuth::answer_now(const RequestHead& head) {
  const std::optional<std::string_view> authorization = head.header("Authorization");
  if (!authorization) return unauthorized();
  return is_known(*authorization) ? inner_.answer_now(head) : std::nullopt;
}

Begun BasicAuth::begin(const RequestHead& head) {
  const std::optional<std::string_view> authorization = head.header("Authorization");
  if (!authorization || !check(*authorization)) return unauthorized();
  return inner_.begin(head);
}

}  // namespace tote::testregistry

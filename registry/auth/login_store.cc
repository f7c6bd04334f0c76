#include "registry/auth/login_store.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_edit.h"
#include "base/json_writer.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "registry/auth/config_key.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace tote::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigSize = 4U << 20U;
constexpr std::string_view kDockerHub = "index.docker.io";
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";
// As docker writes one.
constexpr std::string_view kNewFile = "{\n\t\"auths\": {}\n}";

std::string key_of(const std::string& registry) {
  return std::string(registry == kDockerHub ? kDockerHubKey : registry);
}

bool is_for_host(const std::string& key, const std::string& registry) {
  return match_config_key(key, {registry, ""}) == 0U;
}
// Or for some of its repositories.
bool is_on_host(const std::string& key, const std::string& registry) {
  const std::size_t scheme = key.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  return is_for_host(key.substr(0, key.find('/', begin)), registry);
}

// Also where a link leads that leads nowhere yet.
fs::path target_of(fs::path file) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::error_code failed;
  for (int i = 0; i < kMostLinks && fs::is_symlink(file, failed); ++i)
    file = file.parent_path() / fs::read_symlink(file, failed);
  return real_path(file);
}

void make_private_directories(const fs::path& directory) {
  if (directory.empty() || fs::exists(directory)) return;
  make_private_directories(directory.parent_path());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    throw io_error(fmt::format("mkdir {}", directory.string()));
}

// Nobody else changes the file as long as this is open.
FilePtr lock(const fs::path& file) {
  make_private_directories(file.parent_path());
  FilePtr held = File::open(file.string() + ".lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  while (::flock(held->fd(), LOCK_EX) != 0)
    if (errno != EINTR) throw io_error(fmt::format("lock {}", held->name()));
  return held;
}

// One that nobody has written to is as good as none.
std::string text_of(const fs::path& file) {
  if (!fs::exists(file)) return std::string(kNewFile);
  std::string text = read_file(file, kMaxConfigSize);
  if (trim(text).empty()) return std::string(kNewFile);
  const Json config = Json::parse(text, file.string());
  if (!config.is_object())
    throw Error(ErrorKind::kParse, fmt::format("{}: expected an object", file.string()));
  return text;
}

std::string auth_entry(const Credentials& who) {
  JsonWriter json;
  json.begin_object();
  if (!who.username.empty()) json.member("auth", base64_encode(who.username + ":" + who.password));
  return json.member_unless_empty("identitytoken", who.identity_token).end_object().take();
}

std::string helper_input(const std::string& key, const Credentials& who) {
  const bool is_token = !who.identity_token.empty();
  return JsonWriter()
      .begin_object()
      .member("ServerURL", key)
      .member("Username", is_token ? "<token>" : who.username)
      .member("Secret", is_token ? who.identity_token : who.password)
      .end_object()
      .take();
}

// What it said is not shown: it has been told a secret.
ProcessResult run_helper(const std::string& helper, const char* action, const std::string& input,
                         const Environment& environment) {
  if (helper.find('/') != std::string::npos)
    throw Error(ErrorKind::kParse, fmt::format("'{}' can not be a credential helper", helper));
  const std::string program = "docker-credential-" + helper;
  if (!find_program(program, environment))
    throw Error(ErrorKind::kUnauthorized,
                fmt::format("{}, which the docker configuration names, is not in PATH", program))
        .with_hint("install it, or take it out of credsStore or credHelpers");
  return run_process({program, action}, input, environment);
}

void expect_success(const ProcessResult& result, const std::string& helper, const char* action) {
  if (result.exit_status != 0)
    throw Error(ErrorKind::kUnauthorized, fmt::format("docker-credential-{} {} ended with {}",
                                                      helper, action, result.exit_status))
        .with_hint("run it by hand: what it says is not shown, since it knows the secret");
}

}  // namespace

fs::path login_file(const Environment& environment) {
  const std::string docker = environment.get("DOCKER_CONFIG");
  const std::string home = environment.get("HOME");
  if (!docker.empty()) return fs::path(docker) / "config.json";
  if (!home.empty()) return fs::path(home) / ".docker/config.json";
  throw Error(ErrorKind::kUsage, "neither DOCKER_CONFIG nor HOME is set")
      .with_hint("--auth-file says where credentials are to be stored");
}

LoginStore::LoginStore(fs::path file, Environment environment)
    : file_(target_of(std::move(file))), environment_(std::move(environment)) {}

// Empty: the file itself.
std::string LoginStore::helper_for(const std::string& text, const std::string& registry) const {
  const Json config = Json::parse(text, file_.string());
  if (const auto helpers = config.find("credHelpers"))
    for (const auto& [key, name] : helpers->members())
      if (!name.is_null() && is_for_host(key, registry)) return name.string();
  return config.string_or("credsStore", "");
}

std::string LoginStore::store(const std::string& registry, const Credentials& credentials) const {
  const FilePtr held = lock(file_);
  const std::string text = text_of(file_);
  const std::string key = key_of(registry);
  const std::string helper = helper_for(text, registry);
  if (!helper.empty())
    expect_success(run_helper(helper, "store", helper_input(key, credentials), environment_),
                   helper, "store");
  // As docker: what a helper keeps has an entry that says nothing.
  const std::string entry = helper.empty() ? auth_entry(credentials) : "{}";
  const std::string made = json_with(text, {"auths", key}, RawJson{entry}, file_.string());
  if (made != text || !fs::exists(file_)) replace_file(file_, made);
  return helper.empty() ? "" : "docker-credential-" + helper;
}

LoginStore::Erased LoginStore::erase(const std::string& registry) const {
  if (!fs::exists(file_)) return {};
  const FilePtr held = lock(file_);
  const std::string text = text_of(file_);
  Erased erased;
  std::string left = text;
  if (const auto auths = Json::parse(text, file_.string()).find("auths"))
    for (const auto& [key, entry] : auths->members()) {
      if (is_for_host(key, registry))
        left = json_without(left, {"auths", key}, file_.string());
      else if (is_on_host(key, registry))
        erased.others.push_back(key);
    }
  erased.was_there = left != text;
  if (const std::string helper = helper_for(text, registry); !helper.empty()) {
    const ProcessResult asked = run_helper(helper, "get", key_of(registry), environment_);
    if (asked.exit_status == 0) {
      expect_success(run_helper(helper, "erase", key_of(registry), environment_), helper, "erase");
      erased.was_there = true;
    }
  }
  if (left != text) replace_file(file_, left);
  return erased;
}

bool LoginStore::is_open_to_others() const {
  struct stat info {};
  return ::stat(file_.c_str(), &info) == 0 && (info.st_mode & 077U) != 0;
}

}  // namespace tote::registry

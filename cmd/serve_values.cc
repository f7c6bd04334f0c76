#include "cmd/serve_values.h"

#include "base/error.h"
#include "base/text.h"
#include "cmd/cli/byte_size.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

// The path, and the name in front of it.
std::pair<std::string, std::string> split_name(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || std::filesystem::exists(text)) return {text, {}};
  return {text.substr(equals + 1), text.substr(0, equals)};
}

}  // namespace

tr::ListenAddress parse_listen(const std::string& text, const char* flag) {
  const std::size_t colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_number(text.substr(colon + 1));
  if (!port || *port > UINT16_MAX)
    refuse(fmt::format("Expected {} as HOST:PORT, got '{}'", flag, text));
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::move(host), static_cast<std::uint16_t>(*port)};
}

tr::PreloadedFile parse_preload(const std::string& text) {
  auto [path, name] = split_name(text);
  return {std::move(path), std::move(name)};
}

tr::LayoutDirectory parse_layout(const std::string& text) {
  auto [path, name] = split_name(text);
  if (path.empty()) refuse(fmt::format("Expected --layout as [NAME=]DIRECTORY, got '{}'", text));
  return {std::move(path), std::move(name)};
}

tr::QuotaLimit parse_quota(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    refuse(fmt::format("Expected --quota as PREFIX=SIZE, got '{}'", text));
  const std::string prefix = text.substr(0, equals);
  if (prefix != "*" && !tr::is_repository_name(prefix))
    refuse(fmt::format("Expected the prefix of --quota as '*' or as a name, got '{}'", prefix));
  return {prefix == "*" ? "" : prefix, parse_byte_size(text.substr(equals + 1), "--quota")};
}

std::optional<LogFormat> parse_access_log(const std::string& text) {
  if (text == "off") return std::nullopt;
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  refuse(fmt::format("Expected --access-log to be off, text or json, got '{}'", text));
}

LogLevel parse_log_level(const std::string& text) {
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  refuse(fmt::format("Expected --log-level to be info, warning or error, got '{}'", text));
}

void check_public_url(const std::string& url) {
  if (url.empty()) return;
  const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (host == 0 || !testregistry::is_host(url.substr(host)))
    refuse(fmt::format("Expected --public-url as https://NAME without a path, got '{}'", url));
}

void check_warning(const std::string& text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (!is_plain || text.size() > 4000)
    refuse("Expected --warning as up to 4000 letters of ASCII without quotes and backslashes");
}

void check_snapshot(const std::filesystem::path& path) {
  if (path.empty()) return;
  if (!std::filesystem::is_directory(path) &&
      std::filesystem::is_directory(std::filesystem::absolute(path).parent_path()))
    return;
  refuse(fmt::format("Expected --snapshot to name a file in a directory that exists, got '{}'",
                     path.string()));
}

}  // namespace tote::cmd

#include "bundle/image_settings.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kMaxPort = 65535;
constexpr std::uint64_t kMaxUserId = 2147483647;  // what container runtimes take

[[noreturn]] void refuse(std::string text, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, std::move(text)).with_hint(std::move(hint));
}

// JSON has no other text, and programs no NUL.
void check_text(const std::string& text) {
  if (!is_utf8(text)) refuse("a value is no UTF-8 text");
  if (text.find('\0') != std::string::npos) refuse("a value holds a NUL character");
}

bool has_blank(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0 && c <= ' ') || c == 0x7F; });
}

std::vector<std::string> parse_array(const std::string& text) {
  std::vector<std::string> items;
  try {
    for (const Json& item : Json::parse(text, "array").items()) items.push_back(item.string());
  } catch (const Error& error) {
    refuse(fmt::format("expected a JSON array of strings, got '{}': {}", text, error.message()),
           "a word that begins with '[' has to be in such an array: '[\"[\"]'");
  }
  return items;
}

std::vector<std::string> parse_words(const std::vector<std::string>& values) {
  const bool is_array = std::any_of(values.begin(), values.end(), [](const std::string& value) {
    return trim(value).starts_with('[');
  });
  if (is_array && values.size() > 1)
    refuse("a JSON array is the whole of it, it can be given only once");
  std::vector<std::string> words = is_array ? parse_array(values.front()) : values;
  if (words.empty()) refuse("expected at least one word, got none");
  for (const std::string& word : words) check_text(word);
  return words;
}

void check_account(const std::string& part, const std::string& text) {
  const std::optional<std::uint64_t> number = parse_number(part);
  const bool is_number = part.find_first_not_of("0123456789") == std::string::npos;
  if (part.empty() || has_blank(part) || part.front() == '-' || part.find('/') != std::string::npos)
    refuse(fmt::format("expected USER or USER:GROUP, got '{}'", text));
  if (is_number && (!number || *number > kMaxUserId))
    refuse(fmt::format("'{}' is over {}, the largest number that users and groups have", part,
                       kMaxUserId));
}

std::string parse_port(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string number = text.substr(0, slash);
  const std::string protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
  const std::optional<std::uint64_t> port = parse_number(number);
  if (!port || *port == 0 || *port > kMaxPort || number.front() == '0')
    refuse(fmt::format("expected a port from 1 to {}, got '{}'", kMaxPort, text),
           number.find('-') != std::string::npos ? "name each port of a range"
           : number.find(':') != std::string::npos
               ? "an image names only the port inside the container"
               : "");
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
    refuse(fmt::format("expected tcp, udp or sctp behind '{}/', got '{}'", number, protocol));
  return fmt::format("{}/{}", number, protocol);
}

// Without what says nothing: "/data/" is "/data".
std::string parse_path(const std::string& text) {
  check_text(text);
  if (!text.starts_with('/')) refuse(fmt::format("expected an absolute path, got '{}'", text));
  std::string clean;
  for (const std::string& part : split(text, '/')) {
    if (part == "..") refuse(fmt::format("expected a path without '..', got '{}'", text));
    if (!part.empty() && part != ".") clean += "/" + part;
  }
  return clean.empty() ? "/" : clean;
}

std::string parse_volume(const std::string& text) {
  if (text.starts_with('/') && text.find(':') != std::string::npos)
    refuse(fmt::format("expected a path without ':', got '{}'", text),
           "an image names only the path inside the container");
  std::string path = parse_path(text);
  if (path == "/") refuse("'/' can be no volume");
  return path;
}

template <class Parse>
std::set<std::string> parse_each(const std::vector<std::string>& values, Parse parse) {
  std::set<std::string> parsed;
  for (const std::string& value : values) {
    const auto [place, is_new] = parsed.insert(parse(value));
    if (!is_new) refuse(fmt::format("'{}' is given twice", *place));
  }
  return parsed;
}

}  // namespace

std::vector<std::string> parse_entrypoint(const std::vector<std::string>& values) {
  std::vector<std::string> words = parse_words(values);
  if (words.front().empty()) refuse("expected the name of a program, got ''");
  return words;
}

std::vector<std::string> parse_cmd(const std::vector<std::string>& values) {
  return parse_words(values);
}

std::vector<std::string> parse_env(const std::vector<std::string>& values) {
  std::set<std::string> keys;
  for (const std::string& value : values) {
    check_text(value);
    const std::size_t equals = value.find('=');
    const std::string key = value.substr(0, equals);
    if (equals == std::string::npos || key.empty())
      refuse(fmt::format("expected KEY=VALUE, got '{}'", value));
    if (has_blank(key)) refuse(fmt::format("expected a key without blanks, got '{}'", key));
    if (!keys.insert(key).second) refuse(fmt::format("'{}' is given twice", key));
  }
  return values;
}

std::string parse_user(const std::string& text) {
  check_text(text);
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() > 2) refuse(fmt::format("expected USER or USER:GROUP, got '{}'", text));
  for (const std::string& part : parts) check_account(part, text);
  return text;
}

std::set<std::string> parse_ports(const std::vector<std::string>& values) {
  return parse_each(values, parse_port);
}

std::set<std::string> parse_volumes(const std::vector<std::string>& values) {
  return parse_each(values, parse_volume);
}

std::string parse_working_dir(const std::string& text) {
  return parse_path(text);
}

}  // namespace tote::bundle

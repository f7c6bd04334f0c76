#include "oci/platform.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote::oci {
namespace {

constexpr std::array kSystems = std::to_array<std::string_view>(
    {"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd",
     "openbsd", "plan9", "solaris", "wasip1", "windows"});
constexpr std::array kArchitectures = std::to_array<std::string_view>(
    {"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
     "ppc64le", "riscv64", "s390x", "wasm"});

// What other tools call them.
constexpr std::array kOtherNames =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"macos", "darwin"},
                                                                  {"x86_64", "amd64"},
                                                                  {"x86-64", "amd64"},
                                                                  {"x64", "amd64"},
                                                                  {"aarch64", "arm64"},
                                                                  {"armv8", "arm64"},
                                                                  {"armhf", "arm/v7"},
                                                                  {"armv7", "arm/v7"},
                                                                  {"armv7l", "arm/v7"},
                                                                  {"armel", "arm/v5"},
                                                                  {"i386", "386"},
                                                                  {"i686", "386"},
                                                                  {"x86", "386"}});

template <class List>
std::string hint_for(std::string_view name, const List& known) {
  for (const auto& [other, ours] : kOtherNames)
    if (equal_ignoring_case(other, name)) return fmt::format("images call it '{}'", ours);
  return fmt::format("one of {}", fmt::join(known, ", "));
}

template <class List>
void check_name(std::string_view name, const List& known, std::string_view what) {
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw Error(ErrorKind::kUsage, fmt::format("unknown {} '{}'", what, name))
        .with_hint(hint_for(name, known));
}

bool is_variant(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

std::string Platform::name() const {
  std::string name = fmt::format("{}/{}", os, architecture);
  if (!variant.empty()) name += "/" + variant;
  if (!os_version.empty()) name += fmt::format(" ({})", os_version);
  return name;
}

Platform parse_platform(std::string_view text) {
  const std::vector<std::string> parts = split(text, '/');
  if (parts.size() < 2 || parts.size() > 3)
    throw Error(ErrorKind::kUsage, fmt::format("expected OS/ARCHITECTURE, got '{}'", text))
        .with_hint("for example linux/amd64, linux/arm64 or linux/arm/v7");
  check_name(parts[0], kSystems, "operating system");
  check_name(parts[1], kArchitectures, "architecture");
  if (parts.size() == 3 && !is_variant(parts[2]))
    throw Error(ErrorKind::kUsage,
                fmt::format("expected a variant like 'v7' behind '{}/{}/', got '{}'", parts[0],
                            parts[1], parts[2]));
  return {parts[0], parts[1], parts.size() == 3 ? parts[2] : ""};
}

Platform host_platform() {
#if defined(__x86_64__)
  return {"linux", "amd64"};
#elif defined(__aarch64__)
  return {"linux", "arm64"};
#elif defined(__i386__)
  return {"linux", "386"};
#elif defined(__arm__)
  return {"linux", "arm", "v7"};
#elif defined(__riscv)
  return {"linux", "riscv64"};
#elif defined(__powerpc64__)
  return {"linux", "ppc64le"};
#elif defined(__s390x__)
  return {"linux", "s390x"};
#else
#error "What does Go call this architecture?"
#endif
}

Platform decode_platform(const Json& json) {
  Platform platform{json.string_or("os", ""), json.string_or("architecture", ""),
                    json.string_or("variant", ""), json.string_or("os.version", "")};
  for (const Json& feature : json.items_of("os.features"))
    platform.os_features.push_back(feature.string());
  return platform;
}

void check_platform(const Platform& platform) {
  for (const std::string& name : {platform.os, platform.architecture, platform.variant})
    if (!name.empty() && !is_variant(to_lower(name)))
      throw Error(ErrorKind::kParse, fmt::format("a platform with a part called '{}'", name));
}

Platform read_platform(const Json& json) {
  Platform platform = decode_platform(json);
  check_platform(platform);
  return platform;
}

std::string encode_platform(const Platform& platform) {
  return JsonWriter()
      .begin_object()
      .member("architecture", platform.architecture)
      .member("os", platform.os)
      .member_unless_empty("os.version", platform.os_version)
      .member_unless_empty("os.features", platform.os_features)
      .member_unless_empty("variant", platform.variant)
      .end_object()
      .take();
}

}  // namespace tote::oci

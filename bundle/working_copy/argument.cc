#include "bundle/working_copy/argument.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(std::string why) {
  throw Error(ErrorKind::kUsage, std::move(why));
}

}  // namespace

DirectoryArgument parse_directory_argument(std::string_view text) {
  if (text.empty()) return {};
  std::error_code absent;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || fs::is_directory(fs::path(text), absent))
    return {std::string(text)};
  if (text.find('@', at + 1) != std::string_view::npos) refuse("at most 1 version permitted");
  DirectoryArgument argument;
  if (at > 0) argument.directory = std::string(text.substr(0, at));
  argument.version = std::string(text.substr(at + 1));
  if (!argument.version.empty() && !oci::is_tag(argument.version) &&
      !oci::Digest::try_parse(argument.version))
    refuse(fmt::format("'{}' is neither a tag nor a digest", argument.version));
  return argument;
}

oci::Reference with_version(oci::Reference image, const std::string& version) {
  if (version.empty()) return image;
  if (const auto digest = oci::Digest::try_parse(version))
    return {std::move(image.repository), {}, digest};
  return {std::move(image.repository), version, {}};
}

}  // namespace tote::bundle::working_copy

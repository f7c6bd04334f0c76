#include "bundle/discover/image_lists.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"
#include "bundle/discover/yaml_fields.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDockerScheme = "docker://";

[[noreturn]] void refuse(const std::string& where, std::string_view text) {
  throw Error(ErrorKind::kParse,
              fmt::format("{}: '{}' is no name of an image", where, printable(text)));
}

FoundImage read_locked(const Yaml& item, std::string_view chart) {
  const std::string text = text_member(item, "image");
  const std::optional<ImageName> name = ImageName::parse(text);
  if (!name) refuse(item.where(), text);
  const std::optional<Yaml> annotations = member(item, "annotations");
  return {.candidates = {*name},
          .evidence = Evidence::kLockFile,
          .rule = "L1",
          .chart = std::string(chart),
          .where = item.where(),
          .original = annotations ? text_member(*annotations, "kbld.carvel.dev/id") : ""};
}

std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return trim(line.substr(0, at));
  return trim(line);
}

// No reference begins with "-" or "{", or has a ":" at its end or before a blank.
bool looks_like_yaml(std::string_view line) {
  return line.starts_with('-') || line.starts_with('{') || line.ends_with(':') ||
         line.find(": ") != std::string_view::npos;
}

FoundImage read_line(std::string_view line, std::string where) {
  if (line.starts_with(kDockerScheme)) line.remove_prefix(kDockerScheme.size());
  const std::optional<ImageName> name = ImageName::parse(line);
  if (!name) refuse(where, line);
  return {
      .candidates = {*name}, .evidence = Evidence::kGiven, .rule = "L2", .where = std::move(where)};
}

}  // namespace

Discovery locked_images(std::string_view text, std::string_view origin, std::string_view chart) {
  const Yaml document = Yaml::parse(text, origin);
  const std::optional<Yaml> images = member(document, "images");
  if (!images || images->kind() != Yaml::Kind::kList)
    throw Error(ErrorKind::kParse, fmt::format("{}: no list 'images'", document.where()));
  Discovery discovery;
  for (const Yaml& item : images->items()) discovery.images.push_back(read_locked(item, chart));
  return discovery;
}

Discovery listed_images(std::string_view text, std::string_view origin) {
  Discovery discovery;
  std::size_t number = 0;
  std::string_view rest = text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  for (const std::string& whole : split(rest, '\n')) {
    ++number;
    const std::string_view line = without_comment(whole);
    if (line.empty()) continue;
    if (discovery.images.empty() && looks_like_yaml(line)) {
      discovery = locked_images(text, origin);
      for (FoundImage& image : discovery.images) image.evidence = Evidence::kGiven;
      return discovery;
    }
    discovery.images.push_back(read_line(line, fmt::format("{}, line {}", origin, number)));
  }
  return discovery;
}

}  // namespace tote::bundle::discover

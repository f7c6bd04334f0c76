#include "bundle/describe_output.h"

#include "base/json_writer.h"
#include "base/yaml_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace tote::bundle {
namespace {

std::string blanks(std::size_t count) {
  return std::string(count, ' ');
}

std::string_view kind_name(ContentKind kind) {
  if (kind == ContentKind::kSignature) return "Signature";
  return kind == ContentKind::kInternal ? "Internal" : "Image";
}

// ---- text --------------------------------------------------------------------------------------

// Further lines of a value begin where its key does.
std::string annotation_lines(const std::map<std::string, std::string>& annotations,
                             std::size_t indent) {
  std::string out;
  for (const auto& [key, value] : annotations) {
    std::string text = fmt::format("{}: {}", key, value);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 1 + indent)
      text.insert(at + 1, blanks(indent));
    out += blanks(indent) + text + "\n";
  }
  return out;
}

// "- Image: ..." at `indent`, what belongs to it two further.
std::string entry_text(const DescribedImage& image, std::string_view type, std::size_t indent) {
  const std::string field = blanks(indent + 2);
  std::string out =
      fmt::format("{}- Image: {}\n{}Type: {}\n", blanks(indent), image.image, field, type);
  if (image.kind == ContentKind::kImage) out += fmt::format("{}Origin: {}\n", field, image.origin);
  if (image.bytes) out += fmt::format("{}Bytes: {}\n", field, *image.bytes);
  if (!image.platforms.empty())
    out += fmt::format("{}Platforms: {}\n", field, fmt::join(image.platforms, ", "));
  if (!image.layers.empty()) out += field + "Layers:\n";
  for (const oci::Digest& layer : image.layers)
    out += fmt::format("{}  - Digest: {}\n", field, layer.str());
  if (!image.annotations.empty())
    out += field + "Annotations:\n" + annotation_lines(image.annotations, indent + 4);
  return out;
}

std::vector<const DescribedImage*> in_order(const DescribedBundle& bundle) {
  std::vector<const DescribedImage*> images;
  for (const auto& [key, image] : bundle.images) images.push_back(&image);
  std::stable_partition(images.begin(), images.end(), [](const DescribedImage* image) {
    return image->kind == ContentKind::kImage;
  });
  return images;
}

std::string content_text(const DescribedBundle& bundle, std::size_t indent) {
  std::string out;
  for (const auto& [digest, inner] : bundle.bundles) {
    if (!out.empty()) out += "\n";
    out += entry_text(inner.self, "Bundle", indent);
    if (!inner.bundles.empty() || !inner.images.empty())
      out += blanks(indent + 2) + "Images:\n" + content_text(inner, indent + 2);
  }
  for (const DescribedImage* image : in_order(bundle))
    out += entry_text(*image, kind_name(image->kind), indent);
  return out;
}

// ---- a tree of names and values ----------------------------------------------------------------

struct Member;
using Members = std::vector<Member>;
struct Tree {
  std::variant<std::string, std::vector<Tree>, Members, std::uint64_t> value;
};
struct Member {
  std::string key;
  Tree tree;
};

void add_text(Members& members, const char* key, const std::string& text) {
  if (!text.empty()) members.push_back({key, {text}});
}

void add_number(Members& members, const char* key, const std::optional<std::uint64_t>& number) {
  if (number) members.push_back({key, {*number}});
}

void add_list(Members& members, const char* key, const std::vector<std::string>& texts) {
  std::vector<Tree> list;
  for (const std::string& text : texts) list.push_back({text});
  if (!list.empty()) members.push_back({key, {std::move(list)}});
}

void add_map(Members& members, const char* key, const std::map<std::string, std::string>& map) {
  Members entries;
  for (const auto& [name, text] : map) entries.push_back({name, {text}});
  if (!entries.empty()) members.push_back({key, {std::move(entries)}});
}

void add_layers(Members& members, const std::vector<oci::Digest>& layers) {
  std::vector<Tree> list;
  for (const oci::Digest& layer : layers) list.push_back({Members{{"digest", {layer.str()}}}});
  if (!list.empty()) members.push_back({"layers", {std::move(list)}});
}

Members image_members(const DescribedImage& image) {
  Members members;
  add_map(members, "annotations", image.annotations);
  add_number(members, "bytes", image.bytes);
  add_text(members, "error", image.error);
  add_text(members, "image", image.image);
  add_text(members, "imageType", std::string(kind_name(image.kind)));
  add_layers(members, image.layers);
  add_text(members, "origin", image.origin);
  add_list(members, "platforms", image.platforms);
  return members;
}

Members bundle_members(const DescribedBundle& bundle) {
  Members bundles;
  for (const auto& [digest, inner] : bundle.bundles)
    bundles.push_back({digest, {bundle_members(inner)}});
  Members images;
  for (const auto& [key, image] : bundle.images) images.push_back({key, {image_members(image)}});
  Members content;
  if (!bundles.empty()) content.push_back({"bundles", {std::move(bundles)}});
  if (!images.empty()) content.push_back({"images", {std::move(images)}});
  Members members;
  add_map(members, "annotations", bundle.self.annotations);
  add_number(members, "bytes", bundle.self.bytes);
  members.push_back({"content", {std::move(content)}});
  add_text(members, "image", bundle.self.image);
  add_layers(members, bundle.self.layers);
  if (bundle.digest) members.push_back({"metadata", {Members{}}});
  add_text(members, "origin", bundle.self.origin);
  add_number(members, "totalBytes", bundle.total_bytes);
  return members;
}

std::string yaml(const Members& members, std::size_t indent);

std::string yaml_list(const std::vector<Tree>& list, std::size_t indent) {
  std::string out;
  for (const Tree& item : list) {
    if (const auto* scalar = std::get_if<std::string>(&item.value)) {
      out += fmt::format("{}- {}\n", blanks(indent), yaml_scalar(*scalar, indent, indent));
      continue;
    }
    std::string text = yaml(std::get<Members>(item.value), indent + 2);
    text[indent] = '-';
    out += text;
  }
  return out;
}

std::string yaml(const Members& members, std::size_t indent) {
  std::vector<const Member*> sorted;
  for (const Member& member : members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return yaml_key_less(a->key, b->key); });
  std::string out;
  for (const Member* member : sorted) {
    const auto& [key, tree] = *member;
    if (const auto* text = std::get_if<std::string>(&tree.value)) {
      out += yaml_field(key, *text, indent);
      continue;
    }
    if (const auto* number = std::get_if<std::uint64_t>(&tree.value)) {
      out += fmt::format("{}{}: {}\n", blanks(indent), key, *number);
      continue;
    }
    out += fmt::format("{}{}:", blanks(indent), yaml_scalar(key, indent, indent));
    if (const auto* list = std::get_if<std::vector<Tree>>(&tree.value))
      out += "\n" + yaml_list(*list, indent);
    else if (const auto& inner = std::get<Members>(tree.value); inner.empty())
      out += " {}\n";
    else
      out += "\n" + yaml(inner, indent + 2);
  }
  return out;
}

void write(JsonWriter& json, const Tree& tree) {
  if (const auto* text = std::get_if<std::string>(&tree.value)) {
    json.value(*text);
  } else if (const auto* number = std::get_if<std::uint64_t>(&tree.value)) {
    json.value(*number);
  } else if (const auto* list = std::get_if<std::vector<Tree>>(&tree.value)) {
    json.begin_array();
    for (const Tree& item : *list) write(json, item);
    json.end_array();
  } else {
    json.begin_object();
    for (const auto& [key, value] : std::get<Members>(tree.value)) write(json.key(key), value);
    json.end_object();
  }
}

}  // namespace

std::string describe_as_text(const DescribedBundle& bundle) {
  std::string out;
  if (bundle.digest) out += fmt::format("Bundle SHA: {}\n", bundle.digest->str());
  if (bundle.total_bytes) out += fmt::format("Total bytes: {}\n", *bundle.total_bytes);
  out += "\n";
  const std::string content = content_text(bundle, 2);
  return content.empty() ? out : out + "Images:\n" + content;
}

std::string describe_as_yaml(const DescribedBundle& bundle) {
  return (bundle.digest ? yaml_field("sha", bundle.digest->str(), 0) : std::string()) +
         yaml(bundle_members(bundle), 0);
}

std::string describe_as_json(const DescribedBundle& bundle) {
  Members members;
  if (bundle.digest) members.push_back({"sha", {bundle.digest->str()}});
  for (Member& member : bundle_members(bundle)) members.push_back(std::move(member));
  JsonWriter json({.indent = 2});
  write(json, {std::move(members)});
  return json.take() + "\n";
}

}  // namespace tote::bundle

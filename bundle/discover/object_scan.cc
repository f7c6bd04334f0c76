#include "bundle/discover/object_scan.h"

#include "base/text.h"
#include "bundle/discover/image_text.h"
#include "bundle/discover/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote::bundle::discover {
namespace {

using Members = std::vector<Yaml::Member>;

const Yaml* find(const Members& members, std::string_view key) {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

const Yaml* find_text(const Members& members, std::string_view key) {
  const Yaml* found = find(members, key);
  return found != nullptr && is_scalar(*found) && !found->text().empty() ? found : nullptr;
}

// Lower case, without what separates words; of annotations without their domain.
std::string plain_key(std::string_view key) {
  key = key.substr(key.rfind('/') + 1);
  std::string plain;
  for (const char c : to_lower(key))
    if (c != '_' && c != '-' && c != '.') plain += c;
  return plain;
}

bool is_image_key(std::string_view key) {
  constexpr std::array<std::string_view, 5> kEnds{"image", "imagename", "imageref",
                                                  "imagereference", "imageurl"};
  const std::string plain = plain_key(key);
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return plain.ends_with(end); });
}

bool is_group_key(std::string_view key) {
  return plain_key(key).ends_with("images");
}

// With a name beside its image that needs no tag: of Argo, Tekton, operators.
bool looks_like_container(const Members& members) {
  constexpr std::array<std::string_view, 9> kOfContainers{
      "args",         "command", "env",        "envFrom",        "imagePullPolicy",
      "volumeMounts", "script",  "workingDir", "securityContext"};
  return std::any_of(members.begin(), members.end(), [&](const Yaml::Member& member) {
    return std::find(kOfContainers.begin(), kOfContainers.end(), member.first) !=
           kOfContainers.end();
  });
}

bool is_precise(const ImageName& name) {
  return !name.tag.empty() || !name.digest.empty();
}

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("$(") != std::string_view::npos ||
         text.find("${") != std::string_view::npos;
}

ImageSpot whole(const Yaml& scalar, ImageSpot::Part part = ImageSpot::Part::kReference) {
  return {scalar, 0, scalar.text().size(), part};
}

}  // namespace

ObjectScan::ObjectScan(const Resource& resource, std::string_view chart, const KbldConfig& kbld,
                       ManifestScan& result)
    : resource_(resource),
      chart_(chart),
      kbld_(kbld),
      result_(result),
      pod_spec_(resource.pod_spec()) {}

void ObjectScan::visit(const std::string& key, const Yaml& value, const Around& around) {
  if (is_scalar(value)) {
    if (!is_for_kbld(key, value)) visit_scalar(key, value, around);
  } else if (value.kind() == Yaml::Kind::kMap) {
    visit_map(key, value, false);
  } else if (value.kind() == Yaml::Kind::kList) {
    visit_list(key, value);
  }
}

void ObjectScan::visit_map(const std::string& key, const Yaml& map, bool is_container) {
  Around around{map.members(Yaml::Duplicates::kLastCounts), is_container};
  if (is_image_in_parts(key, around) || is_docker_image(around)) return;
  const Yaml* image = find(around.members, "image");
  const bool has_image = image != nullptr && is_scalar(*image);
  around.is_container = has_image && (is_container || looks_like_container(around.members));
  const std::string outer = container_;
  if (around.is_container) {
    const Yaml* name = find_text(around.members, "name");
    container_ = name != nullptr ? name->text() : "";
  }
  for (const auto& [name, value] : around.members) {
    // What a cluster says of an object is not what it is to be.
    if (path_.empty() && name == "status" && !resource_.kind.empty()) continue;
    path_.push_back(name);
    if (is_scalar(value) && is_setting(name, around))
      visit_setting(find(around.members, "name")->text(), name, value);
    else if (is_group_key(key) && is_scalar(value))
      visit_group(name, value);
    else
      visit(name, value, around);
    path_.pop_back();
  }
  container_ = outer;
}

void ObjectScan::visit_list(const std::string& key, const Yaml& list) {
  const bool is_command = key == "args" || key == "command";
  std::size_t index = 0;
  std::string flag;
  for (const Yaml& item : list.items()) {
    path_.push_back(std::to_string(index++));
    if (item.kind() == Yaml::Kind::kMap)
      visit_map("", item, key.ends_with("ontainers"));
    else if (!is_scalar(item))
      visit("", item, {});
    else if (is_command)
      visit_argument(flag, item);
    else if (is_group_key(key))
      visit_group("", item);
    else
      is_for_kbld("", item);
    path_.pop_back();
  }
}

// "--flag=value", and "--flag" with "value" behind it: `flag` is the one that waits for its value.
void ObjectScan::visit_argument(std::string& flag, const Yaml& item) {
  if (is_for_kbld("", item)) return;
  const std::string text = item.text();
  const bool is_flag = text.starts_with('-') && text.find_first_of(" \n") == std::string::npos;
  const std::size_t equal = text.find('=');
  if (is_flag) flag = text.substr(0, equal);
  if (is_flag && equal == std::string::npos) return;
  add_settings(flag, item, {"R4", Certainty::kMedium});
  flag.clear();
}

void ObjectScan::visit_scalar(const std::string& key, const Yaml& value, const Around& around) {
  const bool is_data = resource_.kind == "ConfigMap" || resource_.kind == "Secret";
  if (is_data) {
    if (is_below("data") || is_below("stringData")) add_data(key, value);
  } else if ((key == "image" && around.is_container) || is_image_volume(key)) {
    add_of_container(value);
  } else if (is_image_key(key)) {
    if (!is_pair(key, value, around)) add_of_key(key, value);
  } else if (value.text().starts_with("docker://")) {
    add_settings("image", value, {"R3", Certainty::kMedium});
  } else if (value.text().find('\n') != std::string::npos &&
             key.find("alues") != std::string::npos) {
    // The values of another chart, in an object that installs it.
    add_data(key, value);
  }
}

// "images: [quay.io/x:1]", "images: {proxy: quay.io/x:1}".
void ObjectScan::visit_group(const std::string& key, const Yaml& item) {
  if (is_for_kbld(key, item)) return;
  const std::optional<ImageName> name = ImageName::parse(item.text());
  if (name && is_precise(*name)) add(*name, {whole(item)}, {"R3", Certainty::kMedium});
}

bool ObjectScan::is_image_in_parts(const std::string& key, const Around& around) {
  const Yaml* repository = find_text(around.members, "repository");
  if (repository == nullptr) repository = find_text(around.members, "name");
  const Yaml* tag = find_text(around.members, "tag");
  const Yaml* digest = find_text(around.members, "digest");
  if (repository == nullptr || (tag == nullptr && digest == nullptr) || !is_image_key(key))
    return false;
  const Yaml* registry = find_text(around.members, "registry");
  std::vector<ImageSpot> spots{whole(*repository, ImageSpot::Part::kRepository)};
  std::string text = repository->text();
  if (registry != nullptr) {
    text.insert(0, registry->text() + "/");
    spots.push_back(whole(*registry, ImageSpot::Part::kRegistry));
  }
  if (tag != nullptr) {
    text += ":" + tag->text();
    spots.push_back(whole(*tag, ImageSpot::Part::kTag));
  }
  if (digest != nullptr) {
    text += "@" + digest->text();
    spots.push_back(whole(*digest, ImageSpot::Part::kDigest));
  }
  const std::optional<ImageName> name = ImageName::parse(text);
  if (name) add(*name, std::move(spots), {"R6", Certainty::kMedium});
  return name.has_value();
}

// OpenShift's {kind: DockerImage, name: r.io/x:1}.
bool ObjectScan::is_docker_image(const Around& around) {
  const Yaml* kind = find_text(around.members, "kind");
  const Yaml* name = find_text(around.members, "name");
  if (kind == nullptr || name == nullptr || kind->text() != "DockerImage") return false;
  const std::optional<ImageName> image = ImageName::parse(name->text());
  if (image) add(*image, {whole(*name)}, {"R3", Certainty::kMedium});
  return image.has_value();
}

// Variables of containers, parameters of Tekton and Argo.
bool ObjectScan::is_setting(const std::string& key, const Around& around) {
  return (key == "value" || key == "default") && find_text(around.members, "name") != nullptr &&
         find(around.members, "image") == nullptr;
}

void ObjectScan::visit_setting(const std::string& name, const std::string& key, const Yaml& value) {
  if (!is_for_kbld(key, value)) add_settings(name, value, {"R4", Certainty::kMedium});
}

// A repository, and its tag beside it.
bool ObjectScan::is_pair(const std::string& key, const Yaml& value, const Around& around) {
  const std::string text = value.text();
  const std::optional<ImageName> name = ImageName::parse(text);
  if (!name || is_precise(*name)) return false;
  for (const std::string& beside : {key + "Tag", key + "_tag", key + "Version", key + "_version",
                                    std::string("tag"), std::string("version")}) {
    const Yaml* tag = find_text(around.members, beside);
    if (tag == nullptr || (beside == "version" && !begins_with_host(text))) continue;
    const std::optional<ImageName> pair = ImageName::parse(text + ":" + tag->text());
    if (!pair) continue;
    add(*pair, {whole(value, ImageSpot::Part::kRepository), whole(*tag, ImageSpot::Part::kTag)},
        {"R6", Certainty::kMedium});
    return true;
  }
  return false;
}

void ObjectScan::add_of_container(const Yaml& value) {
  const std::string text = value.text();
  const bool is_pod = is_in_pod_spec(3) || is_in_pod_spec(4);
  const Seen seen = is_pod ? Seen{"R2", Certainty::kHigh} : Seen{"R3", Certainty::kMedium};
  if (const std::optional<ImageName> name = ImageName::parse(text)) {
    if (is_pod && text == "auto")
      return add_unresolved(value, "injected-image",
                            "the image 'auto' is put in by Istio when the pod starts");
    return add(*name, {whole(value)}, seen);
  }
  if (is_template(text))
    return add_unresolved(value, "template-string",
                          fmt::format("'{}' is filled in when it runs", text),
                          is_pod ? "" : "filled in when it runs");
  if (is_pod || !text.empty())
    add_unresolved(value, "invalid-name", fmt::format("'{}' is no name of an image", text));
}

void ObjectScan::add_of_key(const std::string& key, const Yaml& value) {
  const std::string text = value.text();
  const std::optional<ImageName> name = ImageName::parse(text);
  if (!name) {
    if (text.starts_with("docker://")) add_settings("image", value, {"R3", Certainty::kMedium});
    return;
  }
  if (is_precise(*name)) return add(*name, {whole(value)}, {"R3", Certainty::kMedium});
  if (!begins_with_host(text)) return;
  const bool is_all = plain_key(key) == "image";
  add(*name, {whole(value)},
      {"R3", is_all ? Certainty::kMedium : Certainty::kLow,
       is_all ? "" : "without a tag it may be only a part of a name"});
}

void ObjectScan::add_settings(const std::string& name, const Yaml& value, Seen seen) {
  const std::string text = value.text();
  if (setting_is_artifact(name))
    seen = {seen.rule, Certainty::kLow, "it may be an artifact that is no image"};
  for (const TextImage& image : images_in_setting(name, text))
    add(image.name, {{value, image.offset, image.length}}, seen);
}

void ObjectScan::add_data(const std::string& key, const Yaml& value) {
  const std::string text = value.text();
  if (text.find('\n') == std::string::npos)
    return setting_is_image(key) ? add_settings(key, value, {"R4", Certainty::kMedium}) : void();
  for (const TextImage& image : images_in_lines(text))
    add(image.name, {{value, image.offset, image.length}},
        {"R5", Certainty::kLow, "it stands in a text that others interpret"});
}

void ObjectScan::add(const ImageName& written, std::vector<ImageSpot> spots, const Seen& seen) {
  std::string place = where(spots.front().scalar);
  SeenImage image{.found = {.candidates = {written},
                            .evidence = Evidence::kRendered,
                            .rule = seen.rule,
                            .certainty = seen.certainty,
                            .chart = std::string(chart_),
                            .where = std::move(place),
                            .optional = seen.optional},
                  .spots = std::move(spots),
                  .written = written};
  if (resource_.is_test()) image.found.optional = "only for helm test";
  if (change_for_kbld(image)) result_.images.push_back(std::move(image));
}

void ObjectScan::add_unresolved(const Yaml& value, std::string code, std::string reason,
                                std::string optional) {
  if (resource_.is_test()) optional = "only for helm test";
  result_.unresolved.push_back({.chart = std::string(chart_),
                                .code = std::move(code),
                                .reason = std::move(reason),
                                .where = where(value),
                                .optional = std::move(optional),
                                .evidence = Evidence::kRendered});
}

// "volumes: [{image: {reference: r.io/x:1}}]" of a pod.
bool ObjectScan::is_image_volume(std::string_view key) const {
  return key == "reference" && is_in_pod_spec(4) && path_[path_.size() - 2] == "image";
}

bool ObjectScan::is_below(std::string_view first, std::string_view second) const {
  if (path_.empty() || path_[0] != first) return false;
  return second.empty() || (path_.size() > 1 && path_[1] == second);
}

bool ObjectScan::is_in_pod_spec(std::size_t below) const {
  return !pod_spec_.empty() && path_.size() == pod_spec_.size() + below &&
         std::equal(pod_spec_.begin(), pod_spec_.end(), path_.begin());
}

std::string ObjectScan::where(const Yaml& value) const {
  const std::string place =
      container_.empty() ? path_text(path_) : fmt::format("container {}", container_);
  return fmt::format("{}, {} ({})", resource_.str(), place, value.where());
}

}  // namespace tote::bundle::discover

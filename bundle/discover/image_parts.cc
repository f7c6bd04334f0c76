#include "bundle/discover/image_parts.h"

#include "base/printable.h"
#include "bundle/discover/key_words.h"
#include "bundle/discover/report_codes.h"
#include "bundle/discover/tag_sources.h"
#include "oci/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::bundle::discover {
namespace {

std::string digest_text(const std::string& text) {
  const bool is_bare =
      text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_bare ? "sha256:" + text : text;
}

// A registry that is taken from elsewhere.
struct RegistryChoice {
  Part part;
  bool is_certain;  // else the name without it is a candidate too
};

class Assembler {
 public:
  Assembler(const MapScope& scope, const ImageParts& parts)
      : scope_(scope), parts_(parts), inside_(take_apart(parts.repository.text)) {}

  void run() {
    if (const Part* part = first_template()) {
      add_unresolved(scope_, *part, "template-string",
                     fmt::format("'{}' is a template", printable(part->text)));
      return;
    }
    if (!choose_tag()) return;
    choose_registries();
    make_candidates();
    if (image_.candidates.empty()) {
      add_unresolved(scope_, parts_.repository, "invalid-name",
                     fmt::format("'{}' can not be the name of an image", printable(shown())));
      return;
    }
    finish();
  }

 private:
  const Part* first_template() const {
    for (const Part* part :
         {&parts_.registry, &parts_.repository, &parts_.name, &parts_.tag, &parts_.digest})
      if (is_template(part->text)) return part;
    return nullptr;
  }

  std::string name() const {
    std::string name = inside_.name + parts_.repository_suffix;
    if (!parts_.name.empty()) name += (name.empty() ? "" : "/") + parts_.name.text;
    return name;
  }

  std::string shown() const {
    const std::string tag = tags_.empty() ? "" : ":" + tags_.front();
    return name() + tag;
  }

  // False: it is unresolved or none.
  bool choose_tag() {
    digest_ = parts_.digest.empty() ? inside_.digest : digest_text(parts_.digest.text);
    if (!parts_.tag.empty()) {
      take_written_tag(parts_.tag);
    } else if (!inside_.tag.empty()) {
      tags_ = {inside_.tag};
    } else if (digest_.empty()) {
      return choose_other_tag();
    }
    return true;
  }

  void take_written_tag(const Part& tag) {
    tags_ = {tag.text + parts_.tag_suffix};
    if (!parts_.tag_suffix.empty()) tags_.push_back(tag.text);
    if (tag.type == YamlType::kInteger || tag.type == YamlType::kFloat)
      add_report(
          scope_, tag.path, "numeric-tag",
          fmt::format("the tag '{}' is a number, which charts may change: quote it", tag.text));
    if (tag.type == YamlType::kBool)
      add_report(scope_, tag.path, "boolean-tag",
                 fmt::format("the tag '{}' is a boolean: quote it", tag.text));
    tag_place_ = tag.path;
  }

  bool choose_other_tag() {
    const TagChoice choice = choose_tag_elsewhere(scope_, name(), parts_);
    if (!choice.problem.empty()) {
      if (!parts_.may_lack_tag)
        add_unresolved(scope_, parts_.repository, choice.code, choice.problem);
      return false;
    }
    tags_ = choice.candidates;
    for (std::string& tag : tags_) tag += parts_.tag_suffix;
    tag_place_ = choice.place;
    is_of_templates_ = choice.is_of_templates;
    image_.certainty = std::max(image_.certainty, choice.certainty);
    return true;
  }

  void choose_registries() {
    const auto add = [&](const Part& part, bool is_certain) {
      if (!part.empty() && !is_template(part.text)) registries_.push_back({part, is_certain});
    };
    const ChartScope& chart = scope_.chart;
    const bool has_host = begins_with_host(name());
    const bool is_whole = parts_.is_whole_path || parts_.form == Form::kReference;
    const bool takes_others = !has_host && !is_whole;
    if (takes_others)
      for (const char* path : {"global.imageRegistry", "global.systemDefaultRegistry",
                               "global.cattle.systemDefaultRegistry", "systemDefaultRegistry"})
        add(chart.part(path), true);
    add(parts_.registry, true);
    if (!takes_others) return;
    for (const char* path : {"global.image.registry", "global.registry"})
      add(chart.part(path), true);
    add_default();
    add_of_templates();
    for (const Part& part : scope_.registries) add(part, is_of_images(part));
    // A path that begins with "/" has to have something in front of it.
    if (registries_.empty() && inside_.name.starts_with('/'))
      for (const char* path : {"image.baseRepo", "image.registry"}) add(chart.part(path), true);
  }

  // It is written to the image's own registry, which comes before it.
  void add_default() {
    if (!registries_.empty() || parts_.default_registry.empty()) return;
    Part part = parts_.default_registry;
    part.path = parts_.registry.path;
    registries_.push_back({std::move(part), true});
  }

  // What templates put in front of this very text.
  void add_of_templates() {
    if (!registries_.empty()) return;
    const Part& text = parts_.repository;
    for (const std::string& path :
         chart_facts().registries_of(written_path(scope_.chart, text.path))) {
      Part part = part_at(scope_.chart, path);
      if (!part.empty() && !is_template(part.text) && registries_.empty())
        registries_.push_back({std::move(part), true});
    }
  }

  const TemplateFacts& chart_facts() const { return scope_.chart.facts; }

  // "images: {registry: ...}" is of all that is in it.
  static bool is_of_images(const Part& part) {
    return part.path.size() > 1 && says_image(part.path[part.path.size() - 2]);
  }

  void make_candidates() {
    const std::vector<std::string> bases = names_with_registries();
    for (const std::string& base : bases) {
      if (tags_.empty()) add_candidate(base, "");
      for (const std::string& tag : tags_) add_candidate(base, tag);
    }
  }

  std::vector<std::string> names_with_registries() {
    if (registries_.empty()) return {name()};
    const RegistryChoice& first = registries_.front();
    std::vector<std::string> names{joined(first.part.text)};
    if (!first.is_certain) names.push_back(name());
    warn_of_order(names);
    return names;
  }

  // Charts do not agree on which of the two counts.
  void warn_of_order(std::vector<std::string>& names) {
    const Part global = scope_.chart.part("global.image.registry");
    const bool is_first_own = registries_.front().part.path == parts_.registry.path;
    if (global.empty() || !is_first_own || parts_.registry.text == global.text) return;
    names.push_back(joined(global.text));
    add_report(scope_, parts_.registry.path, "registry-order",
               fmt::format("both '{}' and 'global.image.registry' are set, and charts differ in "
                           "which of them counts",
                           path_text(parts_.registry.path)),
               names.front());
  }

  std::string joined(std::string registry) const {
    for (const std::string_view scheme : {"https://", "http://", "docker://", "oci://"})
      if (registry.starts_with(scheme)) registry.erase(0, scheme.size());
    while (registry.ends_with('/')) registry.pop_back();
    const std::string rest = name();
    return registry + (rest.starts_with('/') ? "" : "/") + rest;
  }

  void add_candidate(const std::string& base, const std::string& tag) {
    std::string text = base;
    if (!tag.empty()) text += ":" + tag;
    if (!digest_.empty()) text += "@" + digest_;
    const std::optional<ImageName> name = ImageName::parse(text);
    if (!name) return;
    const auto same = std::find(image_.candidates.begin(), image_.candidates.end(), *name);
    if (same == image_.candidates.end()) image_.candidates.push_back(*name);
  }

  void finish() {
    image_.evidence = Evidence::kValues;
    image_.rule = parts_.rule;
    image_.certainty = std::max(image_.certainty, parts_.certainty);
    image_.chart = scope_.chart.place();
    image_.path = parts_.path.empty() ? scope_.path : parts_.path;
    image_.form = parts_.form;
    image_.where = parts_.repository.where.empty() ? parts_.name.where : parts_.repository.where;
    image_.optional = scope_.optional.empty() ? parts_.optional : scope_.optional;
    fill_fields();
    scope_.chart.result.images.push_back(std::move(image_));
  }

  void fill_fields() {
    FormFields& fields = image_.fields;
    if (!registries_.empty())
      fields.registry = registries_.front().part.path;
    else if (parts_.registry.is_written)
      fields.registry = parts_.registry.path;
    // A repository that replaces all takes no registry of others in front of it.
    if (image_.form == Form::kNamed && parts_.name.path.empty())
      fields.registry = parts_.registry.path;
    fields.repository = parts_.repository.path;
    fields.name = parts_.name.path;
    if (image_.form == Form::kReference) {
      image_.path = parts_.repository.path;
      fields = {.repository = parts_.repository.path};
      return;
    }
    fields.tag = tag_field();
    fields.repository_suffix = parts_.repository_suffix;
    fields.tag_suffix = parts_.tag_suffix;
    if (parts_.digest.is_written) fields.digest = parts_.digest.path;
    fields.is_bare_digest =
        !parts_.digest.path.empty() && folded(parts_.digest.path.back()).starts_with("sha");
    if (image_.form == Form::kSplit && fields.registry.empty()) image_.form = Form::kJoined;
    if (is_behind_hub()) image_.form = Form::kHub;
  }

  ValuePath tag_field() const {
    const bool is_inside = tag_place_.empty() && (!inside_.tag.empty() || !inside_.digest.empty());
    // A chart that has no key for it may not look for one.
    if (is_inside && !parts_.tag.is_written) return {};
    // It comes before all others, so a key that is there is read, whatever it has now.
    const bool has_own = parts_.tag.is_written && !is_of_templates_;
    return tag_place_.empty() || has_own ? parts_.tag.path : tag_place_;
  }

  // One word behind a registry of several images: what is put in front of a path with a "/" in it
  // is for the templates to say.
  bool is_behind_hub() const {
    if (registries_.empty() || parts_.form == Form::kNamed) return false;
    const Part& registry = registries_.front().part;
    return registry.path != parts_.registry.path && registry.text.find('/') != std::string::npos &&
           name().find('/') == std::string::npos;
  }

  const MapScope& scope_;
  const ImageParts& parts_;
  TakenApart inside_;
  std::vector<std::string> tags_;
  std::string digest_;
  ValuePath tag_place_;
  bool is_of_templates_ = false;  // they say that the tag stands there and nowhere else
  std::vector<RegistryChoice> registries_;
  FoundImage image_{.candidates = {}};
};

}  // namespace

TakenApart take_apart(std::string_view text) {
  TakenApart taken;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    taken.digest = text.substr(at + 1);
    text = text.substr(0, at);
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    taken.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  taken.name = text;
  return taken;
}

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("${") != std::string_view::npos;
}

bool is_no_image(std::string_view text) {
  constexpr std::array<std::string_view, 10> kFiles{".png", ".svg", ".jpg", ".jpeg",  ".gif",
                                                    ".ico", ".iso", ".img", ".qcow2", ".vhd"};
  if (is_template(text)) return false;
  if (text.empty() || text.find("://") != std::string_view::npos) return true;
  if (text.find_first_of(" \t\r\n()\"'$%") != std::string_view::npos) return true;
  return std::any_of(kFiles.begin(), kFiles.end(),
                     [&](std::string_view suffix) { return text.ends_with(suffix); });
}

void add_image(const MapScope& scope, const ImageParts& parts) {
  Assembler(scope, parts).run();
}

void add_unresolved(const MapScope& scope, const Part& part, std::string code, std::string reason) {
  scope.chart.result.unresolved.push_back({.chart = scope.chart.place(),
                                           .path = part.path.empty() ? scope.path : part.path,
                                           .code = std::move(code),
                                           .reason = std::move(reason),
                                           .where = part.where,
                                           .optional = scope.optional});
}

void add_report(const MapScope& scope, const ValuePath& path, std::string_view code,
                std::string message, std::string image) {
  scope.chart.result.report.push_back(report_item(
      code, {.chart = scope.chart.place(), .path = path_text(path), .image = std::move(image)},
      std::move(message)));
}

}  // namespace tote::bundle::discover

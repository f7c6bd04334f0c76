#include "bundle/discover/values_overlay.h"

#include "base/error.h"
#include "bundle/discover/key_words.h"
#include "bundle/discover/overlay_tree.h"
#include "bundle/discover/pull_secret_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace tote::bundle::discover {
namespace {

using Style = OverlayTree::Style;

struct Moved {
  const ChartImage* image;
  ImageName from;
  ImageName to;

  const FormFields& fields() const { return image->place.fields; }
};

[[noreturn]] void refuse(const Moved& moved, std::string_view why) {
  throw Error(ErrorKind::kUsage,
              fmt::format("Writing '{}' for image '{}': {}", path_text(moved.image->place.path),
                          moved.image->id, why));
}

// "a/b" and "c" of "a/b/c".
std::pair<std::string, std::string> at_last_slash(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string in_front(const std::string& first, const std::string& rest) {
  return rest.empty() ? first : first + "/" + rest;
}

// Without what the templates put behind it, if they did so before.
std::string without_suffix(const Moved& moved, const std::string& before, std::string text,
                           const std::string& suffix) {
  if (suffix.empty() || !before.ends_with(suffix)) return text;
  if (text.size() == suffix.size() || !text.ends_with(suffix)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("Writing '{}' for image '{}': the chart's templates put '{}' behind "
                            "it, and '{}' does not end so",
                            path_text(moved.image->place.path), moved.image->id, suffix, text))
        .with_hint("copy the bundle with --to-prefix, which keeps repositories and tags");
  }
  text.erase(text.size() - suffix.size());
  return text;
}

class Writer {
 public:
  explicit Writer(bool digests) : digests_(digests) {}

  void write(const std::vector<Moved>& images) {
    find_hubs(images);
    for (const Moved& moved : images) write(moved);
  }

  OverlayTree tree;

 private:
  void write(const Moved& moved) {
    const FormFields& fields = moved.fields();
    if (moved.image->place.form == Form::kReference || is_whole_reference(moved)) {
      put(moved, fields.repository, whole(moved.to), Style::kText);
      return;
    }
    write_name(moved);
    if (!fields.tag.empty())
      if (const std::string tag = tag_of(moved); !tag.empty())
        put(moved, fields.tag, tag, Style::kQuoted);
    if (!fields.digest.empty()) write_digest(moved);
  }

  std::string whole(const ImageName& name) const {
    ImageName shown = name;
    if (!digests_ && !name.tag.empty()) shown.digest.clear();
    return shown.str();
  }

  void write_digest(const Moved& moved) {
    std::string digest = digests_ ? moved.to.digest : "";
    if (moved.fields().is_bare_digest && digest.starts_with("sha256:")) digest.erase(0, 7);
    // One that is there would still count.
    if (!digest.empty() || !moved.from.digest.empty())
      put(moved, moved.fields().digest, digest, Style::kQuoted);
  }

  std::string tag_of(const Moved& moved) const {
    const FormFields& fields = moved.fields();
    std::string tag = moved.to.tag;
    if (tag.empty()) {
      tag = moved.from.tag;
      const bool has_digest = !fields.digest.empty() && digests_;
      if (tag.empty() && !has_digest) refuse(moved, "it has no tag there, and none that it had");
      // The digest is what counts, and there is no other place for it.
      if (!has_digest) tag += "@" + moved.to.digest;
    }
    return without_suffix(moved, moved.from.tag, tag, fields.tag_suffix);
  }

  // The tag and digest of an image that has no places for them.
  std::string behind(const Moved& moved) const {
    if (!moved.fields().tag.empty()) return {};
    ImageName name = moved.to;
    if (!moved.fields().digest.empty() && digests_) name.digest.clear();
    return whole(name).substr(name.repository_name().size());
  }

  void write_name(const Moved& moved) {
    const FormFields& fields = moved.fields();
    const std::string path =
        without_suffix(moved, moved.from.repository, moved.to.repository, fields.repository_suffix);
    const bool is_hub = moved.image->place.form == Form::kHub && fields.name.empty();
    if (is_hub || !fields.name.empty())
      write_in_two(moved, path, is_hub);
    else
      write_in_one(moved, path);
  }

  void write_in_one(const Moved& moved, const std::string& path) {
    const FormFields& fields = moved.fields();
    if (fields.registry.empty()) {
      put(moved, fields.repository, moved.to.registry + "/" + path + behind(moved), Style::kText);
      return;
    }
    put(moved, fields.registry, moved.to.registry, Style::kText);
    put(moved, fields.repository, path + behind(moved), Style::kText);
  }

  // The last part stands by itself.
  void write_in_two(const Moved& moved, const std::string& path, bool is_hub) {
    const FormFields& fields = moved.fields();
    if (is_hub) return write_behind_hub(moved, path);
    const auto [above, last] = at_last_slash(path);
    if (fields.registry.empty()) {
      put(moved, fields.repository, in_front(moved.to.registry, above), Style::kText);
    } else {
      if (above.empty())
        refuse(moved, fmt::format("the chart has a place for what stands between the registry and "
                                  "the name, and '{}' has nothing there",
                                  moved.to.repository_name()));
      put(moved, fields.registry, moved.to.registry, Style::kText);
      put(moved, fields.repository, above, Style::kText);
    }
    put(moved, fields.name, last + behind(moved), Style::kText);
  }

  // The hub is what all behind it have in common.
  void write_behind_hub(const Moved& moved, const std::string& path) {
    const FormFields& fields = moved.fields();
    const std::string& hub = hubs_.at(fields.registry);
    const std::string whole_path = moved.to.registry + "/" + path;
    if (hub.empty()) return write_in_one(moved, path);
    put(moved, fields.registry, hub, Style::kText);
    put(moved, fields.repository, whole_path.substr(hub.size() + 1) + behind(moved), Style::kText);
  }

  // Charts that have a `hub` take a text with a "/" in it as a whole reference (Istio).
  static bool may_be_whole(const Moved& moved) {
    const FormFields& fields = moved.fields();
    return moved.image->place.form == Form::kHub && !fields.registry.empty() &&
           fields.registry.back() == "hub" && fields.repository == moved.image->place.path &&
           says_image(fields.repository.back());
  }

  bool is_whole_reference(const Moved& moved) const {
    return may_be_whole(moved) && different_hubs_.count(moved.fields().registry) != 0;
  }

  // What is in front of a "/" in both. Empty: nothing.
  static std::string common(const std::string& a, const std::string& b) {
    std::size_t end = 0;
    for (std::size_t i = 0; i <= a.size() && i <= b.size(); ++i) {
      const bool ends_a = i == a.size() || a[i] == '/';
      const bool ends_b = i == b.size() || b[i] == '/';
      if (ends_a && ends_b) end = i;
      if (i == a.size() || i == b.size() || a[i] != b[i]) break;
    }
    return a.substr(0, end);
  }

  // Also finds those where whole references have to be written: where images are in different
  // directories now, or have different tags where one tag stands for all.
  void find_hubs(const std::vector<Moved>& images) {
    std::map<ValuePath, std::pair<std::string, ValuePath>> tags;  // and of which hub
    for (const Moved& moved : images) {
      const FormFields& fields = moved.fields();
      if (moved.image->place.form != Form::kHub || !fields.name.empty()) continue;
      const std::string above =
          in_front(moved.to.registry, at_last_slash(moved.to.repository).first);
      const auto [hub, is_first] = hubs_.try_emplace(fields.registry, above);
      if (!is_first && hub->second != above) {
        hub->second = common(hub->second, above);
        if (may_be_whole(moved)) different_hubs_.insert(fields.registry);
      }
      if (!may_be_whole(moved) || fields.tag.empty()) continue;
      const auto [tag, is_new] = tags.try_emplace(fields.tag, tag_of(moved), fields.registry);
      if (!is_new && tag->second.first != tag_of(moved))
        different_hubs_.insert({fields.registry, tag->second.second});
    }
  }

  void put(const Moved& moved, const ValuePath& path, const std::string& text, Style style) {
    if (path.empty()) refuse(moved, "chart.yml does not say where all of its parts stand");
    const auto [place, is_new] = written_.try_emplace(path, text, moved.image->id);
    if (!is_new && place->second.first != text)
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' would have to be '{}' for image '{}' and '{}' for image '{}'",
                              path_text(path), place->second.first, place->second.second, text,
                              moved.image->id))
          .with_hint("copy the bundle with --to-prefix, which keeps repositories and tags");
    if (is_new) tree.put(path, text, style);
  }

  const bool digests_;
  std::map<ValuePath, std::string> hubs_ = {};  // by place, what will stand there
  std::set<ValuePath> different_hubs_ = {};
  // By place: what is there, and for which image.
  std::map<ValuePath, std::pair<std::string, std::string>> written_ = {};
};

std::string names_of(const ChartFile& file) {
  std::string names;
  for (const ChartName& chart : file.charts)
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", chart.name);
  return names;
}

const ChartName& choose_chart(const ChartFile& file, const std::string& wanted) {
  if (file.charts.empty())
    throw Error(ErrorKind::kUsage,
                "The bundle was made of no chart, so there are no values of one");
  if (wanted.empty() && file.charts.size() == 1) return file.charts.front();
  if (wanted.empty())
    throw Error(ErrorKind::kUsage,
                fmt::format("The bundle is of several charts: {}", names_of(file)))
        .with_hint("say which one with --chart NAME");
  for (const ChartName& chart : file.charts)
    if (chart.name == wanted) return chart;
  throw Error(ErrorKind::kUsage,
              fmt::format("The bundle has no chart '{}', but {}", wanted, names_of(file)));
}

// Whether a chart, or one inside of it ("root/child"), is that one.
bool is_of(const std::string& place, const ChartFile& file, const ChartName& chart) {
  if (place.empty()) return file.charts.size() == 1;
  return place == chart.name || place.starts_with(chart.name + "/");
}

std::vector<Moved> find_moved(const ChartFile& file, const ChartName& chart, const NewPlace& place,
                              Overlay& overlay) {
  std::vector<Moved> moved;
  std::set<std::string> among;
  std::set<std::string> all;
  for (const ChartImage& image : file.images) {
    const bool has_place = !image.place.path.empty() && image.place.form != Form::kNone;
    all.insert(image.id);
    if (!has_place) continue;
    among.insert(image.id);
    if (!is_of(image.place.chart, file, chart)) continue;
    const std::optional<ImageName> to = place(image.id);
    if (!to)
      throw Error(ErrorKind::kUsage,
                  fmt::format("Image '{}', which '{}' of chart '{}' names, is "
                              "not among the images of the bundle",
                              image.id, path_text(image.place.path), chart.name));
    moved.push_back({&image, ImageName::parse(image.id).value(), *to});
    overlay.images.push_back(image.id);
  }
  std::set_difference(all.begin(), all.end(), among.begin(), among.end(),
                      std::back_inserter(overlay.elsewhere));
  std::sort(overlay.images.begin(), overlay.images.end());
  overlay.images.erase(std::unique(overlay.images.begin(), overlay.images.end()),
                       overlay.images.end());
  return moved;
}

bool begins_with(const ValuePath& path, const ValuePath& start) {
  return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

bool is_in_list(const Moved& moved, const ValuePath& list) {
  const FormFields& fields = moved.fields();
  return begins_with(fields.registry, list) || begins_with(fields.repository, list) ||
         begins_with(fields.tag, list);
}

class Writing {
 public:
  Writing(const ChartFile& file, const NewPlace& place, const OverlayOptions& options)
      : file_(file),
        options_(options),
        chart_(choose_chart(file, options.chart)),
        overlay_{.chart = chart_.name, .yaml = {}},
        moved_(find_moved(file, chart_, place, overlay_)),
        writer_(options.digests) {}

  Overlay run() {
    find_secrets();
    put_lists();
    writer_.write(moved_);
    if (chart_.checks_images && !moved_.empty())
      writer_.tree.put({"global", "security", "allowInsecureImages"}, "true", Style::kRaw);
    for (const PullSecretPlace* place : secrets_) put_secrets(*place);
    for (const UnresolvedPlace& unresolved : file_.unresolved)
      if (is_of(unresolved.chart, file_, chart_)) overlay_.unresolved.push_back(unresolved);
    overlay_.yaml = writer_.tree.empty() ? "{}\n" : writer_.tree.yaml();
    return std::move(overlay_);
  }

 private:
  void find_secrets() {
    for (const PullSecretPlace& place : file_.pull_secrets)
      if (is_of(place.chart, file_, chart_)) secrets_.push_back(&place);
    overlay_.takes_secrets = !secrets_.empty();
  }

  // Before anything is written into them.
  void put_lists() {
    for (const ChartList& list : file_.lists) {
      if (!is_of(list.chart, file_, chart_)) continue;
      const chart::ValuePtr items = read_list_text(list.items, "list " + path_text(list.path));
      lists_.insert_or_assign(list.path, items);
      if (is_written_into(list.path)) writer_.tree.put_list(list.path, *items);
    }
  }

  bool is_written_into(const ValuePath& list) const {
    return std::any_of(moved_.begin(), moved_.end(),
                       [&](const Moved& moved) { return is_in_list(moved, list); }) ||
           (!options_.pull_secrets.empty() &&
            std::any_of(secrets_.begin(), secrets_.end(), [&](const PullSecretPlace* place) {
              return place->path != list && begins_with(place->path, list);
            }));
  }

  void put_secrets(const PullSecretPlace& place) {
    const auto there = lists_.find(place.path);
    put_pull_secrets(writer_.tree, place, options_.pull_secrets,
                     there == lists_.end() ? nullptr : there->second.get());
  }

  const ChartFile& file_;
  const OverlayOptions& options_;
  const ChartName& chart_;
  Overlay overlay_;
  std::vector<Moved> moved_;
  std::vector<const PullSecretPlace*> secrets_ = {};
  std::map<ValuePath, chart::ValuePtr> lists_ = {};
  Writer writer_;
};

}  // namespace

Overlay values_overlay(const ChartFile& file, const NewPlace& place,
                       const OverlayOptions& options) {
  return Writing(file, place, options).run();
}

}  // namespace tote::bundle::discover

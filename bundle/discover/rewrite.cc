#include "bundle/discover/rewrite.h"

#include "base/error.h"
#include "bundle/discover/scalar_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tote::bundle::discover {
namespace {

using Part = ImageSpot::Part;

struct Change {
  Yaml scalar;
  std::vector<ScalarEdit> edits;
};
using Changes = std::map<std::size_t, Change>;  // by where the scalar begins

bool has_part(const SeenImage& image, Part part) {
  return std::any_of(image.spots.begin(), image.spots.end(),
                     [&](const ImageSpot& spot) { return spot.part == part; });
}

std::string old_text(const ImageSpot& spot) {
  return spot.scalar.text().substr(spot.offset, spot.length);
}

std::string tag_text(const SeenImage& image, const ImageName& name, const std::string& old) {
  std::string tag = name.tag.empty() ? old.substr(0, old.find('@')) : name.tag;
  if (!name.digest.empty() && !has_part(image, Part::kDigest)) tag += "@" + name.digest;
  return tag;
}

std::string new_text(const SeenImage& image, const ImageSpot& spot, const ImageName& name) {
  std::string old = old_text(spot);
  switch (spot.part) {
    case Part::kReference:
      return name.str();
    case Part::kRegistry:
      return name.registry;
    case Part::kRepository:
      return has_part(image, Part::kRegistry) ? name.repository : name.repository_name();
    case Part::kTag:
      return tag_text(image, name, old);
    case Part::kDigest:
      return name.digest.empty() ? old : name.digest;
  }
  return old;
}

Changes changes_of(const ManifestScan& scan, const NewName& name) {
  Changes changes;
  for (const SeenImage& image : scan.images) {
    const std::optional<ImageName> now = name(image.found);
    if (!now) continue;
    if (ImageName::parse(now->str()) != now)
      throw Error(ErrorKind::kParse,
                  fmt::format("'{}', which is to stand for '{}', is no name of an image",
                              now->str(), image.written.str()));
    for (const ImageSpot& spot : image.spots) {
      std::string text = new_text(image, spot, *now);
      if (text == old_text(spot)) continue;
      const std::size_t begin = spot.scalar.begin_mark().offset;
      changes.try_emplace(begin, Change{spot.scalar, {}})
          .first->second.edits.push_back({spot.offset, spot.length, std::move(text)});
    }
  }
  for (auto& [begin, change] : changes) change.edits = in_order(std::move(change.edits));
  return changes;
}

std::string with_changes(std::string_view text, const Changes& changes) {
  std::string result;
  std::size_t behind = 0;
  for (const auto& [begin, change] : changes) {
    result += text.substr(behind, begin - behind);
    result += edited_raw(change.scalar, change.edits);
    behind = change.scalar.end_mark().offset;
  }
  result += text.substr(behind);
  return result;
}

// Compares what was read before with what is read now.
class Comparison {
 public:
  explicit Comparison(const Changes& changes) : changes_(changes) {}

  void compare(const std::vector<Yaml>& before, const std::vector<Yaml>& after) {
    if (before.size() != after.size()) fail(before.front());
    for (std::size_t i = 0; i < before.size(); ++i) compare(before[i], after[i]);
  }

 private:
  void compare(const Yaml& before, const Yaml& after) {
    if (before.kind() != after.kind() || before.tag() != after.tag()) fail(before);
    if (before.kind() == Yaml::Kind::kScalar) compare_scalars(before, after);
    if (before.kind() == Yaml::Kind::kList) compare(before.items(), after.items());
    if (before.kind() == Yaml::Kind::kMap) compare_maps(before, after);
  }

  void compare_scalars(const Yaml& before, const Yaml& after) {
    const auto change = changes_.find(before.begin_mark().offset);
    const bool is_changed = change != changes_.end();
    const std::string wanted =
        is_changed ? edited_value(before, change->second.edits) : before.text();
    if (after.text() != wanted) fail(before);
    if (!is_changed && (after.raw() != before.raw() || after.type() != before.type())) fail(before);
  }

  void compare_maps(const Yaml& before, const Yaml& after) {
    const auto old_entries = before.entries();
    const auto new_entries = after.entries();
    if (old_entries.size() != new_entries.size()) fail(before);
    for (std::size_t i = 0; i < old_entries.size(); ++i) {
      compare(old_entries[i].first, new_entries[i].first);
      compare(old_entries[i].second, new_entries[i].second);
    }
  }

  [[noreturn]] static void fail(const Yaml& node) {
    throw Error(ErrorKind::kInternal,
                fmt::format("{}: replacing references would change more than these", node.where()));
  }

  const Changes& changes_;
};

}  // namespace

Rewritten rewrite_manifests(std::string_view text, std::string_view origin,
                            const ManifestScan& scan, const NewName& name) {
  const Changes changes = changes_of(scan, name);
  if (changes.empty()) return {std::string(text), 0};
  Rewritten result{with_changes(text, changes), changes.size()};
  Comparison(changes).compare(Yaml::parse_all(text, origin), Yaml::parse_all(result.text, origin));
  return result;
}

}  // namespace tote::bundle::discover

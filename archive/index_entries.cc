#include "archive/index_entries.h"

#include "archive/oci_layout_annotations.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "oci/manifest_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tote::archive {
namespace {

IndexEntry make_entry(const oci::Descriptor& target, oci::Repository repository, std::string tag,
                      const std::map<std::string, std::string>& annotations) {
  JsonWriter json;
  IndexEntry entry{.text = oci::begin_descriptor(json, target, oci::DescriptorOrder::kDigestFirst)
                               .member_unless_empty("annotations", annotations)
                               .end_object()
                               .take(),
                   .target = {target.media_type, target.digest, target.size},
                   .repository = std::move(repository),
                   .tag = std::move(tag)};
  entry.target.annotations = annotations;
  return entry;
}

}  // namespace

bool IndexEntry::is_bare() const {
  return tag.empty() && !target.platform &&
         std::all_of(target.annotations.begin(), target.annotations.end(),
                     [](const auto& annotation) { return annotation.first == kFullName; });
}

IndexEntry bare_entry(const oci::Descriptor& target, const oci::Repository& repository,
                      const oci::Repository& nowhere) {
  std::map<std::string, std::string> annotations;
  if (repository != nowhere)
    annotations[kFullName] = oci::digest_reference(repository, target.digest);
  return make_entry(target, repository, {}, annotations);
}

IndexEntry tagged_entry(const oci::Descriptor& target, const oci::Repository& repository,
                        const std::string& tag, const oci::Repository& nowhere) {
  std::map<std::string, std::string> annotations{{kRefName, tag}};
  if (repository != nowhere) annotations[kFullName] = fmt::format("{}:{}", repository.name(), tag);
  return make_entry(target, repository, tag, annotations);
}

IndexEntries::IndexEntries(std::string_view text, const ReadBlob& read_blob,
                           const oci::Repository& nowhere)
    : document_(Json::parse(text, kIndexJson)) {
  const std::vector<Json> items = document_.items_of("manifests");
  std::vector<LayoutName> names = names_of_layout(document_, read_blob, nowhere);
  entries_.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    entries_.push_back({.text = items[i].text(),
                        .target = oci::parse_descriptor(items[i]),
                        .repository = std::move(names[i].repository),
                        .tag = std::move(names[i].tag)});
}

std::string IndexEntries::text() const {
  JsonWriter json;
  json.begin_object().members_of(document_, {"manifests"}).key("manifests").begin_array();
  for (const IndexEntry& entry : entries_) json.value(RawJson{entry.text});
  return json.end_array().end_object().take();
}

}  // namespace tote::archive

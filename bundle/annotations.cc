#include "bundle/annotations.h"

#include "base/error.h"
#include "base/json_edit.h"
#include "base/text.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace tote::bundle {
namespace {

constexpr int kMaxDepth = 32;

// What BuildKit says in an index of an attestation (docs/attestations/attestation-storage.md).
constexpr const char* kAttestationType = "vnd.docker.reference.type";
constexpr const char* kAttestationSubject = "vnd.docker.reference.digest";

std::string quoted(const std::string& text) {
  return json_quote(text);
}

std::string with_text(std::string_view json, const JsonPath& path, const std::string& value) {
  return json_with(json, path, RawJson{quoted(value)}, "manifest");
}

class Annotator {
 public:
  Annotator(oci::Contents& contents, const AnnotationEdits& edits)
      : contents_(contents), edits_(edits) {
    for (const oci::CarriedImage& image : contents.images) roots_.insert(image.target.digest);
    for (const oci::ManifestPtr& manifest : contents.manifests)
      for (const oci::Descriptor& child : manifest->children())
        if (child.annotations.contains(kAttestationType)) about_others_.insert(child.digest);
  }

  RewrittenManifests run() {
    for (const oci::ManifestPtr& manifest : contents_.manifests) visit(manifest, 0);
    contents_.manifests = std::move(list_);
    RewrittenManifests rewritten;
    for (const auto& [old, made] : made_)
      if (made->digest() != old) rewritten.emplace(old, made->digest());
    for (oci::CarriedImage& image : contents_.images)
      if (rewritten.contains(image.target.digest))
        image.target = made_.at(image.target.digest)->descriptor();
    oci::sort_images(contents_.images);
    return rewritten;
  }

 private:
  // What it names goes first, as digests of that are a part of it.
  void visit(const oci::ManifestPtr& manifest, int depth) {
    if (made_.contains(manifest->digest())) return;
    if (depth == kMaxDepth)
      throw Error(ErrorKind::kParse, fmt::format("manifest {}: subjects have subjects more than {} "
                                                 "deep",
                                                 manifest->digest().str(), kMaxDepth));
    const auto visit_if_carried = [&](const oci::Digest& digest) {
      if (const oci::ManifestPtr found = contents_.find_manifest(digest)) visit(found, depth + 1);
    };
    for (const oci::Descriptor& child : manifest->children()) visit_if_carried(child.digest);
    if (manifest->subject()) visit_if_carried(manifest->subject()->digest);
    const oci::ManifestPtr made = remade(manifest);
    made_.emplace(manifest->digest(), made);
    list_.add(made);
  }

  oci::ManifestPtr remade(const oci::ManifestPtr& manifest) const {
    std::string text = manifest->bytes();
    if (manifest->is_index())
      text = json_with_items(
          text, {"manifests"}, [&](std::size_t, std::string_view entry) { return followed(entry); },
          "index");
    if (manifest->subject())
      if (const oci::Manifest* now = replacement(manifest->subject()->digest))
        text = with_descriptor(text, {"subject"}, *now);
    for (const auto& [key, value] : annotations_for(*manifest)) {
      const auto there = manifest->annotations().find(key);
      if (there == manifest->annotations().end() || there->second != value)
        text = with_text(text, {"annotations", key}, value);
    }
    if (text == manifest->bytes()) return manifest;
    return oci::Manifest::parse(std::move(text), manifest->media_type(),
                                manifest->digest().algorithm());
  }

  const std::map<std::string, std::string>& annotations_for(const oci::Manifest& manifest) const {
    static const std::map<std::string, std::string> kNone;
    const bool is_root = roots_.contains(manifest.digest());
    if (manifest.is_index()) return is_root ? edits_.of_index : kNone;
    const bool is_about_another = about_others_.contains(manifest.digest()) || manifest.subject();
    return is_about_another && !is_root ? kNone : edits_.of_images;
  }

  // Null: it is as it was, or is not carried.
  const oci::Manifest* replacement(const oci::Digest& digest) const {
    const auto found = made_.find(digest);
    return found == made_.end() || found->second->digest() == digest ? nullptr
                                                                     : found->second.get();
  }

  // An entry of an index.
  std::string followed(std::string_view entry) const {
    std::string text(entry);
    const Json json = Json::parse(entry, "entry of an index");
    if (const oci::Manifest* now = replacement(oci::Digest::parse(json.at("digest").string())))
      text = with_descriptor(text, {}, *now);
    const auto annotations = json.string_map("annotations");
    const auto about = annotations.find(kAttestationSubject);
    if (about == annotations.end()) return text;
    const auto digest = oci::Digest::try_parse(about->second);
    if (const oci::Manifest* now = digest ? replacement(*digest) : nullptr)
      text = with_text(text, {"annotations", kAttestationSubject}, now->digest().str());
    return text;
  }

  // It may hold the content too (OCI image specification 1.1, descriptor.md: `data`).
  static std::string with_descriptor(std::string text, const JsonPath& path,
                                     const oci::Manifest& now) {
    const auto member = [&](const char* name) {
      JsonPath inner = path;
      inner.emplace_back(name);
      return inner;
    };
    text = with_text(text, member("digest"), now.digest().str());
    text = json_with(text, member("size"), RawJson{std::to_string(now.descriptor().size)}, "index");
    std::optional<Json> descriptor = Json::parse(text, "manifest");
    for (const std::string& key : path) descriptor = descriptor->find(key);
    if (descriptor->find("data"))
      text = with_text(text, member("data"), base64_encode(now.bytes()));
    return text;
  }

  oci::Contents& contents_;
  const AnnotationEdits& edits_;
  std::set<oci::Digest> roots_;
  std::set<oci::Digest> about_others_;  // BuildKit's attestations
  std::map<oci::Digest, oci::ManifestPtr> made_;
  oci::ManifestList list_;
};

}  // namespace

void AnnotationEdits::add(std::string_view text) {
  constexpr std::string_view kIndex = "index:";
  constexpr std::string_view kManifest = "manifest:";
  const std::size_t equals = text.find('=');
  std::string_view key = text.substr(0, equals);
  auto& edits = key.starts_with(kIndex) ? of_index : of_images;
  if (key.starts_with(kIndex))
    key.remove_prefix(kIndex.size());
  else if (key.starts_with(kManifest))
    key.remove_prefix(kManifest.size());
  if (equals == std::string_view::npos || key.empty() || !is_utf8(text))
    throw Error(ErrorKind::kUsage, fmt::format("Expected --annotation as KEY=VALUE, with index: or "
                                               "manifest: in front or not, got '{}'",
                                               text));
  edits.insert_or_assign(std::string(key), std::string(text.substr(equals + 1)));
}

RewrittenManifests annotate(oci::Contents& contents, const AnnotationEdits& edits) {
  if (edits.empty()) return {};
  return Annotator(contents, edits).run();
}

}  // namespace tote::bundle

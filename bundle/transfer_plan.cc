#include "bundle/transfer_plan.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/mutex.h"
#include "oci/image_graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kVersion = 1;

struct KindName {
  copy::BlobKind kind;
  const char* name;
};
constexpr KindName kKinds[] = {{copy::BlobKind::kLayer, "layer"},
                               {copy::BlobKind::kConfig, "config"},
                               {copy::BlobKind::kManifest, "manifest"}};
struct StateName {
  copy::BlobState state;
  const char* name;
};
constexpr StateName kStates[] = {{copy::BlobState::kSend, "move"},
                                 {copy::BlobState::kMount, "mount"},
                                 {copy::BlobState::kThere, "there"}};

const char* name_of(copy::BlobKind kind) {
  for (const KindName& row : kKinds)
    if (row.kind == kind) return row.name;
  return "";
}
const char* name_of(copy::BlobState state) {
  for (const StateName& row : kStates)
    if (row.state == state) return row.name;
  return "";
}
copy::BlobKind kind_of(const std::string& name) {
  for (const KindName& row : kKinds)
    if (row.name == name) return row.kind;
  throw Error(ErrorKind::kParse, fmt::format("plan: no blob is a '{}'", name));
}
copy::BlobState state_of(const std::string& name) {
  for (const StateName& row : kStates)
    if (row.name == name) return row.state;
  throw Error(ErrorKind::kParse, fmt::format("plan: nothing is done by '{}'", name));
}

// ---- writing -----------------------------------------------------------------------------------

void write(const PlannedBytes& bytes, JsonWriter& json) {
  json.member("bytes_to_move", bytes.to_move)
      .member("bytes_to_mount", bytes.to_mount)
      .member("bytes_there", bytes.there);
}

void write_images(const std::vector<PlannedImage>& images, JsonWriter& json) {
  json.key("images").begin_array();
  for (const PlannedImage& image : images) {
    json.begin_object().member("image", image.reference).member_unless_empty("tag", image.tag);
    write(image.bytes, json);
    json.end_object();
  }
  json.end_array();
}

void write_blobs(const std::vector<PlannedBlob>& blobs, JsonWriter& json) {
  json.key("blobs").begin_array();
  for (const PlannedBlob& blob : blobs)
    json.begin_object()
        .member("digest", blob.digest.str())
        .member("bytes", blob.size)
        .member("kind", name_of(blob.kind))
        .member("do", name_of(blob.state))
        .member_unless_empty("repository", blob.repository)
        .end_object();
  json.end_array();
}

void write_manifests(const std::vector<PlannedManifest>& manifests, JsonWriter& json) {
  json.key("manifests").begin_array();
  for (const PlannedManifest& manifest : manifests)
    json.begin_object()
        .member("digest", manifest.digest.str())
        .member("names", manifest.names)
        .member_unless_empty("repository", manifest.repository)
        .end_object();
  json.end_array();
}

void write_tags(const std::vector<PlannedTag>& tags, JsonWriter& json) {
  json.key("tags").begin_array();
  for (const PlannedTag& tag : tags) {
    json.begin_object().member("tag", tag.tag).member("digest", tag.digest.str());
    if (tag.before) json.member("before", tag.before->str());
    json.member_unless_empty("repository", tag.repository);
    json.end_object();
  }
  json.end_array();
}

// ---- reading -----------------------------------------------------------------------------------

TransferPlan read_plan(const Json& json) {
  TransferPlan plan;
  for (const Json& image : json.at("images").items())
    plan.images.push_back({image.at("image").string(), image.string_or("tag", ""), {}});
  for (const Json& blob : json.at("blobs").items())
    plan.blobs.push_back({oci::Digest::parse(blob.at("digest").string()), blob.at("bytes").number(),
                          kind_of(blob.at("kind").string()), state_of(blob.at("do").string()),
                          blob.string_or("repository", "")});
  for (const Json& manifest : json.at("manifests").items()) {
    PlannedManifest planned{oci::Digest::parse(manifest.at("digest").string()),
                            {},
                            manifest.string_or("repository", "")};
    for (const Json& name : manifest.at("names").items()) planned.names.push_back(name.string());
    plan.manifests.push_back(std::move(planned));
  }
  for (const Json& tag : json.at("tags").items()) {
    PlannedTag planned{tag.at("tag").string(),
                       oci::Digest::parse(tag.at("digest").string()),
                       {},
                       tag.string_or("repository", "")};
    if (const auto before = tag.find("before"))
      planned.before = oci::Digest::parse(before->string());
    plan.tags.push_back(std::move(planned));
  }
  return plan;
}

// ---- comparing ---------------------------------------------------------------------------------

using Facts = std::map<std::string, std::string>;

std::string in(const std::string& repository) {
  return repository.empty() ? "" : " in " + repository;
}

// What a plan says, a sentence each behind what it is about.
Facts facts_of(const TransferPlan& plan) {
  Facts facts;
  for (const PlannedImage& image : plan.images)
    facts["image " + image.reference] =
        image.tag.empty() ? "is copied" : "is copied as " + image.tag;
  for (const PlannedBlob& blob : plan.blobs)
    facts[fmt::format("blob {}{}", blob.digest.str(), in(blob.repository))] =
        blob.state == copy::BlobState::kThere ? "is there"
                                              : fmt::format("is to {}", name_of(blob.state));
  for (const PlannedManifest& manifest : plan.manifests)
    facts[fmt::format("manifest {}{}", manifest.digest.str(), in(manifest.repository))] =
        manifest.names.empty() ? "is there"
                               : fmt::format("lacks {}", fmt::join(manifest.names, ", "));
  for (const PlannedTag& tag : plan.tags)
    facts[fmt::format("tag {} for {}", tag.name(), tag.digest.str())] =
        tag.before ? "leads to " + tag.before->str() : "is free";
  return facts;
}

// ---- making ------------------------------------------------------------------------------------

void add(const PlannedBlob& blob, PlannedBytes& bytes) {
  switch (blob.state) {
    case copy::BlobState::kSend:
      bytes.to_move += blob.size;
      break;
    case copy::BlobState::kMount:
      bytes.to_mount += blob.size;
      break;
    case copy::BlobState::kThere:
      bytes.there += blob.size;
      break;
  }
}

PlannedBytes bytes_of(const oci::CarriedImage& image, const oci::Contents& contents,
                      const std::map<oci::Digest, const PlannedBlob*>& blobs) {
  PlannedBytes bytes;
  const oci::Contents part = oci::part_of(contents, {image});
  const auto add_blob = [&](const oci::Digest& digest) {
    if (const auto found = blobs.find(digest); found != blobs.end()) add(*found->second, bytes);
  };
  for (const oci::CarriedLayer& layer : part.layers) add_blob(layer.blob.digest);
  for (const oci::CarriedConfig& config : part.configs)
    if (!part.carries_layer(config.blob.digest)) add_blob(config.blob.digest);
  return bytes;
}

}  // namespace

TransferPlan describe_work(const copy::Work& work, const oci::Contents& contents) {
  TransferPlan plan;
  std::map<oci::Digest, const PlannedBlob*> by_digest;
  for (const copy::BlobWork& blob : work.blobs)
    plan.blobs.push_back({blob.blob.digest, blob.blob.size, blob.kind, blob.state});
  for (const PlannedBlob& blob : plan.blobs) {
    by_digest[blob.digest] = &blob;
    add(blob, plan.bytes);
  }
  for (const oci::CarriedImage& image : contents.images)
    plan.images.push_back({image.reference(), image.tag, bytes_of(image, contents, by_digest)});
  for (const copy::ManifestWork& manifest : work.manifests)
    plan.manifests.push_back({manifest.manifest->digest(), manifest.names});
  plan.size = copy::size_of(work);
  return plan;
}

void add_place(const copy::Work& work, const std::string& repository, TransferPlan& plan) {
  for (const copy::BlobWork& blob : work.blobs) {
    plan.blobs.push_back({blob.blob.digest, blob.blob.size, blob.kind, blob.state, repository});
    add(plan.blobs.back(), plan.bytes);
  }
  for (const copy::ManifestWork& manifest : work.manifests)
    plan.manifests.push_back({manifest.manifest->digest(), manifest.names, repository});
  const copy::WorkSize size = copy::size_of(work);
  plan.size.blobs_to_send += size.blobs_to_send;
  plan.size.bytes_to_send += size.bytes_to_send;
  plan.size.blobs_to_mount += size.blobs_to_mount;
  plan.size.bytes_to_mount += size.bytes_to_mount;
  plan.size.requests += size.requests;
}

std::vector<std::string> find_missing(const TransferPlan& planned, const Cargo& cargo,
                                      const Session& session) {
  std::set<oci::Digest> to_move;
  for (const PlannedBlob& blob : planned.blobs)
    if (blob.state == copy::BlobState::kSend) to_move.insert(blob.digest);
  std::vector<std::string> missing;
  Mutex mutex;
  TaskGroup group(session.pool, session.stop);
  for (const oci::CarriedLayer& layer : cargo.contents.layers)
    if (to_move.contains(layer.blob.digest))
      group.run([&](const std::stop_token& stop) {
        const bool is_left_out = cargo.leaves_out && cargo.leaves_out(layer.blob);
        if (!is_left_out && cargo.from(layer.repository).has_blob(layer.blob, stop)) return;
        const Lock lock(mutex);
        missing.push_back(oci::digest_reference(layer.repository, layer.blob.digest));
      });
  group.wait();
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::string encode_plan(const TransferPlan& plan, std::string_view request) {
  JsonWriter json;
  json.begin_object().member("kind", "plan").member("version", kVersion);
  json.member("request", RawJson{request});
  write_images(plan.images, json);
  write_blobs(plan.blobs, json);
  write_manifests(plan.manifests, json);
  write_tags(plan.tags, json);
  json.member("missing", plan.missing)
      .member("blobs_to_move", plan.size.blobs_to_send)
      .member("blobs_to_mount", plan.size.blobs_to_mount);
  write(plan.bytes, json);
  return json.member("requests", plan.size.requests).end_object().take();
}

PlanFile parse_plan(std::string_view text) {
  const Json json = Json::parse(text, "plan");
  if (json.string_or("kind", "") != "plan")
    throw Error(ErrorKind::kParse, "it is no plan of a copy");
  if (const std::uint64_t version = json.at("version").number(); version != kVersion)
    throw Error(ErrorKind::kParse,
                fmt::format("it is a plan of version {}; this program knows version {}", version,
                            kVersion));
  PlanFile file{read_plan(json), {}};
  for (const Json& flag : json.at("request").items())
    file.flags.emplace_back(flag.at("flag").string(), flag.at("value").string());
  return file;
}

std::vector<std::string> differences(const TransferPlan& then, const TransferPlan& now) {
  const Facts before = facts_of(then);
  const Facts after = facts_of(now);
  std::vector<std::string> lines;
  for (const auto& [what, how] : before) {
    const auto found = after.find(what);
    if (found == after.end())
      lines.push_back(fmt::format("{} is not concerned any more", what));
    else if (found->second != how)
      lines.push_back(
          fmt::format("{}: it was planned that it {}, now it {}", what, how, found->second));
  }
  for (const auto& [what, how] : after)
    if (!before.contains(what)) lines.push_back(fmt::format("{} was not in the plan", what));
  return lines;
}

}  // namespace tote::bundle

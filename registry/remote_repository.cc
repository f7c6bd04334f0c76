#include "registry/remote_repository.h"

#include "base/json.h"
#include "base/mutex.h"
#include "base/text.h"
#include "oci/media_types.h"
#include "oci/verify.h"
#include "registry/registry_error.h"
#include "registry/remote_blob.h"
#include "registry/remote_upload.h"
#include "transport/link_header.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <set>

namespace tote::registry {
namespace {

constexpr std::string_view kAccept =
    "application/vnd.docker.distribution.manifest.v1+json,"
    "application/vnd.docker.distribution.manifest.v1+prettyjws,"
    "application/vnd.docker.distribution.manifest.v2+json,"
    "application/vnd.oci.image.manifest.v1+json,"
    "application/vnd.docker.distribution.manifest.list.v2+json,"
    "application/vnd.oci.image.index.v1+json";
constexpr std::uint64_t kMaxTagList = 64U << 20U;    // of all pages together
constexpr std::uint64_t kLeastOfAPage = 64U << 10U;  // what a page counts for, however small it is

HashAlgorithm algorithm_of(const std::optional<oci::Digest>& digest) {
  return digest ? digest->algorithm() : HashAlgorithm::kSha256;
}

// The descriptor that the head of a response gives; nullopt if it leaves something out.
std::optional<oci::Descriptor> describe(const transport::Reply& reply) {
  const auto type = reply.header("Content-Type");
  const auto size = parse_number(reply.header("Content-Length").value_or(""));
  const auto digest = oci::Digest::try_parse(reply.header("Docker-Content-Digest").value_or(""));
  if (!type || !size || !digest) return std::nullopt;
  return oci::Descriptor{*type, *digest, *size};
}

// The URL of the next page; empty when there is none.
std::string next_page(const transport::Reply& reply) {
  const std::string target = transport::next_link(reply.headers("Link"));
  if (target.empty()) return {};
  std::string next = transport::follow(reply.url(), target);
  if (transport::origin_of(next) != transport::origin_of(reply.url()))
    throw Error(ErrorKind::kRegistry,
                fmt::format("the registry's list of tags goes on elsewhere, at '{}'",
                            transport::redact_url(next)));
  return next;
}

// Adds a page's tags; false if it had some, all of which were known.
bool add_tags(const std::string& page, std::vector<std::string>& tags,
              std::set<std::string>& known) {
  const std::size_t before = known.size();
  const std::vector<Json> items = Json::parse(page, "list of tags").items_of("tags");
  for (const Json& tag : items) {
    tags.push_back(tag.string());
    known.insert(tags.back());
  }
  return items.empty() || known.size() > before;
}

}  // namespace

std::string RemoteRepository::path(std::string_view rest) const {
  return fmt::format("/v2/{}/{}", name_.path, rest);
}

// Tags come from archives and locks too: anything else could lead to another path.
std::string RemoteRepository::manifest_path(std::string_view tag_or_digest) const {
  if (!oci::is_tag(tag_or_digest) && !oci::Digest::try_parse(tag_or_digest))
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' is neither a tag nor a digest", tag_or_digest));
  return path(fmt::format("manifests/{}", tag_or_digest));
}

// HEAD is refused in many ways by registries, and by what stands before them, that answer GET. And
// only the answer to a GET has a body that says why.
std::optional<oci::Descriptor> RemoteRepository::resolve(std::string_view tag_or_digest,
                                                         std::stop_token stop) {
  const auto wanted = oci::Digest::try_parse(tag_or_digest);
  std::unique_ptr<transport::Reply> reply;
  try {
    reply = host_.send({.method = "HEAD",
                        .url = manifest_path(tag_or_digest),
                        .headers = {{"Accept", std::string(kAccept)}}},
                       {.repository = name_.path, .accept = {200, 404}}, stop);
  } catch (const RegistryError& error) {
    if (!may_refuse_head_only(error.status())) throw;
    return look_by_get(tag_or_digest, std::move(stop));
  }
  if (reply->status() == 404) return look_again(tag_or_digest, std::move(stop));
  if (auto described = describe(*reply); described && (!wanted || *wanted == described->digest))
    return described;
  // A registry that leaves fields out, or is not sure what it has.
  return look_by_get(tag_or_digest, std::move(stop));
}

std::optional<oci::Descriptor> RemoteRepository::look_by_get(std::string_view tag_or_digest,
                                                             std::stop_token stop) {
  try {
    return fetch_manifest(tag_or_digest, std::move(stop))->descriptor();
  } catch (const RegistryError& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return std::nullopt;
  }
}

// After a HEAD that found nothing: until one such answer was right, GET is asked too.
std::optional<oci::Descriptor> RemoteRepository::look_again(std::string_view tag_or_digest,
                                                            std::stop_token stop) {
  if (head_is_believed_) return std::nullopt;
  try {
    auto found = look_by_get(tag_or_digest, std::move(stop));
    if (!found) head_is_believed_ = true;
    return found;
  } catch (const RegistryError& error) {
    if (!error.is_denied()) throw;
    return std::nullopt;
  }
}

oci::ManifestPtr RemoteRepository::fetch_manifest(std::string_view tag_or_digest,
                                                  std::stop_token stop) {
  const auto wanted = oci::Digest::try_parse(tag_or_digest);
  const auto reply = host_.send(
      {.url = manifest_path(tag_or_digest), .headers = {{"Accept", std::string(kAccept)}}},
      {.repository = name_.path}, std::move(stop));
  std::string bytes = read_all(*reply, oci::kMaxManifestSize, "manifest");
  const oci::Digest got = oci::Digest::of(as_bytes(bytes), algorithm_of(wanted));
  if (wanted && got != *wanted)
    throw Error(ErrorKind::kDigestMismatch,
                fmt::format("manifest digest: \"{}\" does not match requested digest: \"{}\" for "
                            "\"{}\"",
                            got.str(), wanted->str(), oci::digest_reference(name_, *wanted)));
  return oci::Manifest::parse(std::move(bytes), reply->header("Content-Type").value_or(""),
                              algorithm_of(wanted));
}

bool RemoteRepository::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  if (may_not_look_) return false;
  const auto is_there = is_blob_there(host_, name_.path, blob.digest, std::move(stop));
  // Unless it was allowed once: then it is about that blob alone.
  if (is_there)
    has_looked_ = true;
  else if (!has_looked_)
    may_not_look_ = true;
  return is_there.value_or(false);
}

std::unique_ptr<Source> RemoteRepository::open_blob(const oci::Descriptor& blob,
                                                    std::uint64_t offset, std::stop_token stop) {
  auto content = std::make_unique<RemoteBlob>(host_, name_.path, blob, offset, std::move(stop));
  if (offset > 0) return content;
  return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
}

bool RemoteRepository::may_mount_from(const oci::Repository& from) const {
  return from.registry == name_.registry && from.path != name_.path;
}

bool RemoteRepository::try_mount(const oci::Descriptor& blob, const oci::Repository& from,
                                 std::stop_token stop) {
  if (!may_mount_from(from)) return false;
  std::string target =
      transport::with_parameter(path("blobs/uploads/"), "mount", blob.digest.str());
  target = transport::with_parameter(target, "from", from.path);
  // Not in the specification; what imgpkg's library adds for registries that are several in one.
  target = transport::with_parameter(target, "origin", from.registry);
  try {
    const auto reply = host_.send({.method = "POST", .url = std::move(target)},
                                  {.repository = name_.path,
                                   .access = Access::kPush,
                                   .accept = {201, 202},
                                   .also_pull = from.path},
                                  std::move(stop));
    if (reply->status() == 201) return true;
    if (const auto location = reply->header("Location"))
      keep_session(blob.digest, transport::follow(reply->url(), *location));
  } catch (const RegistryError&) {
    // Not allowed to read there, or a registry that can not mount: the content is sent instead,
    // and what is really wrong will show then.
  }
  return false;
}

void RemoteRepository::keep_session(const oci::Digest& digest, std::string location) {
  const Lock lock(mutex_);
  declined_mounts_[digest] = std::move(location);
}

std::string RemoteRepository::take_session(const oci::Digest& digest) {
  const Lock lock(mutex_);
  const auto declined = declined_mounts_.extract(digest);
  return declined.empty() ? std::string() : declined.mapped();
}

std::unique_ptr<oci::Upload> RemoteRepository::begin_upload(const oci::Descriptor& blob,
                                                            std::stop_token stop) {
  // What is small is sent at once, or again.
  UploadJournal* const journal = blob.size > RemoteUpload::kSmallBlob ? host_.journal() : nullptr;
  return std::make_unique<RemoteUpload>(host_, name_.path, blob, take_session(blob.digest),
                                        journal ? journal->open(name_, blob.digest) : nullptr,
                                        std::move(stop));
}

void RemoteRepository::push_manifest(const oci::Manifest& manifest, std::string_view tag_or_digest,
                                     std::stop_token stop) {
  const auto reply = host_.send(
      {.method = "PUT",
       .url = path(fmt::format("manifests/{}", tag_or_digest)),
       .headers = {{"Content-Type", manifest.media_type()}},
       .body = transport::Body(manifest.bytes())},
      {.repository = name_.path, .access = Access::kPush, .accept = {200, 201, 202}}, stop);
  auto stored = oci::Digest::try_parse(reply->header("Docker-Content-Digest").value_or(""));
  if (!stored && oci::is_tag(tag_or_digest))
    if (const auto found = look_if_allowed(tag_or_digest, std::move(stop))) stored = found->digest;
  if (stored) check_stored(manifest.digest(), *stored, tag_or_digest);
}

std::optional<oci::Descriptor> RemoteRepository::look_if_allowed(std::string_view tag_or_digest,
                                                                 std::stop_token stop) {
  try {
    return resolve(tag_or_digest, std::move(stop));
  } catch (const RegistryError& error) {
    if (!error.is_denied()) throw;
    return std::nullopt;
  }
}

void RemoteRepository::set_tag(const oci::Manifest& manifest, std::string_view tag,
                               std::stop_token stop) {
  const auto there = look_if_allowed(tag, stop);
  if (there && there->digest == manifest.digest()) return;
  push_manifest(manifest, tag, std::move(stop));
}

// A registry that stored something else would be noticed only by the next reader.
void RemoteRepository::check_stored(const oci::Digest& sent, const oci::Digest& stored,
                                    std::string_view tag_or_digest) const {
  if (stored.algorithm() != sent.algorithm() || stored == sent) return;
  const std::string name =
      fmt::format("{}{}{}", name_.name(), oci::is_tag(tag_or_digest) ? ":" : "@", tag_or_digest);
  throw Error(ErrorKind::kDigestMismatch,
              fmt::format("Expected imported image '{}' to have digest '{}' but was '{}'", name,
                          sent.str(), stored.str()));
}

std::vector<std::string> RemoteRepository::tags(std::stop_token stop) {
  std::vector<std::string> tags;
  std::set<std::string> known;
  std::set<std::string> visited;
  std::uint64_t size = 0;
  for (std::string target = path("tags/list?n=1000"); !target.empty();) {
    const auto reply = host_.send({.url = target}, {.repository = name_.path}, stop);
    const std::string page = read_all(*reply, kMaxTagList - size, "list of tags");
    size += page.size() + kLeastOfAPage;
    const bool is_new = add_tags(page, tags, known);
    target = next_page(*reply);
    const bool repeats = !is_new || !visited.insert(target).second;
    if (!target.empty() && (repeats || size >= kMaxTagList))
      throw Error(ErrorKind::kRegistry, "the registry's list of tags does not end");
  }
  return tags;
}

}  // namespace tote::registry

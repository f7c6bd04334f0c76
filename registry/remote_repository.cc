#include "registry/remote_repository.h"

#include "base/json.h"
#include "base/mutex.h"
#include "base/text.h"
#include "oci/media_types.h"
#include "oci/referrer.h"
#include "oci/verify.h"
#include "registry/paged_list.h"
#include "registry/registry_error.h"
#include "registry/remote_blob.h"
#include "registry/remote_upload.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
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

constexpr std::size_t kTagsInAPage = 1000;
constexpr std::uint64_t kUsualManifest = 4U << 10U;
constexpr std::uint64_t kMaxTagList = 1U << 20U;  // bytes of that many

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

// Adds a page's referrers; false if it had some, all of which were known.
bool add_referrers(const std::string& page, std::vector<oci::Descriptor>& referrers,
                   std::set<oci::Digest>& known) {
  const std::size_t before = known.size();
  const std::vector<Json> items = Json::parse(page, "list of referrers").items_of("manifests");
  for (const Json& item : items) {
    oci::Descriptor referrer = oci::parse_descriptor(item);
    if (known.insert(referrer.digest).second) referrers.push_back(std::move(referrer));
  }
  if (known.size() > oci::kMaxReferrers)
    throw Error(ErrorKind::kRegistry,
                fmt::format("the registry lists more than {} referrers", oci::kMaxReferrers));
  return items.empty() || known.size() > before;
}

// What registries without lists of referrers say when they are asked for one, besides 404.
const std::vector<int> kListOrNone = {200, 400, 404, 405, 406, 501};

// A page for people is none.
bool is_list(const transport::Reply& reply) {
  return reply.status() == 200 &&
         to_lower(reply.header("Content-Type").value_or("json")).find("json") != std::string::npos;
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

// After a HEAD that found nothing: until one such answer was right, GET is asked too, by one thread
// for all, unless such an answer was wrong.
std::optional<oci::Descriptor> RemoteRepository::look_again(std::string_view tag_or_digest,
                                                            std::stop_token stop) {
  if (head_was_wrong_) return look_by_get_if_allowed(tag_or_digest, std::move(stop));
  const Lock lock(trying_head_);
  if (head_is_believed_) return std::nullopt;
  auto found = look_by_get_if_allowed(tag_or_digest, std::move(stop));
  if (found) head_was_wrong_ = true;
  return found;
}

std::optional<oci::Descriptor> RemoteRepository::look_by_get_if_allowed(
    std::string_view tag_or_digest, std::stop_token stop) {
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
  auto [reply, bytes] =
      host_.fetch({.url = manifest_path(tag_or_digest),
                   .headers = {{"Accept", std::string(kAccept)}},
                   .expected_size = kUsualManifest},
                  {.repository = name_.path}, oci::kMaxManifestSize, "manifest", stop);
  const oci::Digest got = oci::Digest::of(as_bytes(bytes), algorithm_of(wanted));
  if (wanted && got != *wanted)
    throw Error(ErrorKind::kDigestMismatch,
                fmt::format("manifest digest: \"{}\" does not match requested digest: \"{}\" for "
                            "\"{}\"",
                            got.str(), wanted->str(), oci::digest_reference(name_, *wanted)));
  if (!wanted) check_named(*reply, bytes, tag_or_digest, stop);
  return oci::Manifest::parse(std::move(bytes), reply->header("Content-Type").value_or(""),
                              algorithm_of(wanted));
}

// Under a tag nothing but the field says what was to come. It is wrong in some registries, which
// have what they sent under the digest that it has; what was damaged on the way they have not.
void RemoteRepository::check_named(const transport::Reply& reply, const std::string& bytes,
                                   std::string_view tag, const std::stop_token& stop) {
  const auto named = oci::Digest::try_parse(reply.header("Docker-Content-Digest").value_or(""));
  if (!named) return;
  const oci::Digest got = oci::Digest::of(as_bytes(bytes), named->algorithm());
  if (got == *named || look_if_allowed(got.str(), stop)) return;
  throw Error(ErrorKind::kDigestMismatch,
              fmt::format("manifest digest: \"{}\" does not match the digest that the registry "
                          "names: \"{}\" for \"{}:{}\"",
                          got.str(), named->str(), name_.name(), tag));
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

oci::Descriptor RemoteRepository::describe_blob(const oci::Digest& digest, std::stop_token stop) {
  return {"application/octet-stream", digest,
          find_blob_size(host_, name_.path, digest, std::move(stop))};
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
  if (!may_mount_from(from) || mounts_break_) return false;
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
  } catch (const Error& error) {
    // Not allowed to read there, or a registry that can not mount, or breaks off over it, which
    // may take minutes: once is enough. The content is sent instead, and what is really wrong will
    // show then.
    if (error.kind() == ErrorKind::kTransport) mounts_break_ = true;
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
  std::unique_ptr<transport::Reply> reply;
  try {
    reply = put_manifest(manifest.bytes(), manifest.media_type(), tag_or_digest, stop);
  } catch (const Error& error) {
    // Perhaps only the answer is lost. What lists a referrer can not be told without it.
    if (error.kind() != ErrorKind::kTransport || manifest.subject() ||
        !leads_to(tag_or_digest, manifest.digest(), stop))
      throw;
    return;
  }
  auto stored = oci::Digest::try_parse(reply->header("Docker-Content-Digest").value_or(""));
  if (!stored && oci::is_tag(tag_or_digest))
    if (const auto found = look_if_allowed(tag_or_digest, stop)) stored = found->digest;
  if (stored) check_stored(manifest.digest(), *stored, tag_or_digest);
  if (manifest.subject() && !reply->header("OCI-Subject")) list_by_tag(manifest, stop);
}

// False also where nobody answers: whoever asks has failed already, and knows better why.
bool RemoteRepository::leads_to(std::string_view tag_or_digest, const oci::Digest& digest,
                                const std::stop_token& stop) {
  try {
    const auto found = resolve(tag_or_digest, stop);
    return found && found->digest == digest;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<transport::Reply> RemoteRepository::put_manifest(const std::string& bytes,
                                                                 const std::string& media_type,
                                                                 std::string_view tag_or_digest,
                                                                 const std::stop_token& stop) {
  return host_.send({.method = "PUT",
                     .url = path(fmt::format("manifests/{}", tag_or_digest)),
                     .headers = {{"Content-Type", media_type}},
                     .body = transport::Body(bytes)},
                    {.repository = name_.path, .access = Access::kPush, .accept = {200, 201, 202}},
                    stop);
}

// One at a time: each reads the list as the one before has left it. Another process may still come
// between; the protocol has nothing against that.
void RemoteRepository::list_by_tag(const oci::Manifest& referrer, const std::stop_token& stop) {
  const oci::Digest& subject = referrer.subject()->digest;
  const std::string tag = oci::digest_tag(subject);
  while_doing([&] { return fmt::format("Listing referrers of {} under '{}'", subject.str(), tag); },
              [&] {
                const Lock lock(referrer_tags_);
                const oci::ManifestPtr list = find_by_tag(tag, stop);
                if (const auto longer = oci::list_with_referrer(list.get(), referrer))
                  put_manifest(*longer, std::string(oci::kOciIndex), tag, stop);
              });
}

oci::ManifestPtr RemoteRepository::find_by_tag(const std::string& tag,
                                               const std::stop_token& stop) {
  try {
    return fetch_manifest(tag, stop);
  } catch (const RegistryError& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    return nullptr;
  }
}

std::vector<oci::Descriptor> RemoteRepository::find_referrers(const oci::Digest& subject,
                                                              std::string_view artifact_type,
                                                              std::stop_token stop) {
  std::vector<oci::Descriptor> referrers;
  if (may_have_referrer_lists_) {
    std::string target = path(fmt::format("referrers/{}", subject.str()));
    if (!artifact_type.empty())
      target = transport::with_parameter(target, "artifactType", std::string(artifact_type));
    auto first =
        host_.fetch({.url = std::move(target)}, {.repository = name_.path, .accept = kListOrNone},
                    kMaxList, "list of referrers", stop);
    if (is_list(*first.reply)) {
      std::set<oci::Digest> known;
      read_pages(
          std::move(first), host_, name_.path, "list of referrers",
          [&](const std::string& page) { return add_referrers(page, referrers, known); }, stop);
      return referrers;
    }
    may_have_referrer_lists_ = false;
  }
  const oci::ManifestPtr list = find_by_tag(oci::digest_tag(subject), stop);
  if (list != nullptr) referrers = list->children();  // what is no index has none
  return referrers;
}

bool RemoteRepository::lists_referrer(const oci::Manifest& manifest, std::stop_token stop) {
  const std::vector<oci::Descriptor> listed =
      find_referrers(manifest.subject()->digest, {}, std::move(stop));
  return std::any_of(listed.begin(), listed.end(), [&](const oci::Descriptor& referrer) {
    return referrer.digest == manifest.digest();
  });
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

void RemoteRepository::remove(std::string_view tag_or_digest, std::stop_token stop) {
  try {
    host_.send({.method = "DELETE", .url = manifest_path(tag_or_digest)},
               {.repository = name_.path, .access = Access::kPush, .accept = {200, 202, 204}},
               std::move(stop));
  } catch (RegistryError& error) {
    if (error.status() == 400 || error.status() == 405)
      error.with_hint(oci::is_tag(tag_or_digest)
                          ? "this registry removes no tag alone, or nothing at all"
                          : "this registry may have to be told to let things be deleted");
    throw;
  }
}

std::string RemoteRepository::tags_path() const {
  return path(fmt::format("tags/list?n={}", kTagsInAPage));
}

std::vector<std::string> RemoteRepository::tags(std::stop_token stop) {
  std::vector<std::string> tags;
  std::set<std::string> known;
  read_pages(
      host_.fetch({.url = tags_path()}, {.repository = name_.path}, kMaxList, "list of tags", stop),
      host_, name_.path, "list of tags",
      [&](const std::string& page) { return add_tags(page, tags, known); }, stop);
  return tags;
}

// Whoever asks has another way, so whatever is wrong with the list is no failure.
std::optional<std::set<std::string>> RemoteRepository::tags_at_once(std::stop_token stop) {
  if (host_.is_like_imgpkg()) return std::nullopt;
  try {
    const auto reply = host_.send(
        {.url = tags_path()}, {.repository = name_.path, .is_tried_once = true}, std::move(stop));
    if (reply->header("Link")) return std::nullopt;
    std::vector<std::string> tags;
    std::set<std::string> known;
    add_tags(read_all(*reply, kMaxTagList, "list of tags"), tags, known);
    // As many as were asked for may not be all.
    if (tags.size() >= kTagsInAPage) return std::nullopt;
    return known;
  } catch (const Error& error) {
    if (error.has_code("NAME_UNKNOWN")) return std::set<std::string>();
    return std::nullopt;
  }
}

std::uint64_t RemoteRepository::sent_at_once() const {
  const bool is_worth_it = host_.takes_blobs_at_once() && !host_.is_like_imgpkg();
  return is_worth_it ? RemoteUpload::kSmallBlob : 0;
}

}  // namespace tote::registry

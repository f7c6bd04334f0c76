#include "base/text.h"
#include "testregistry/api/endpoints.h"
#include "testregistry/api/errors.h"
#include "testregistry/http/byte_range.h"
#include "testregistry/http/error_response.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

std::string upload_location(const Route& route, std::string_view session) {
  return fmt::format("/v2/{}/blobs/uploads/{}", route.repository, session);
}

// 202 or 204 with how far the session is.
Response progress(int status, const Route& route, std::string_view session, std::uint64_t size) {
  return {status,
          {{"Location", upload_location(route, session)},
           {"Range", fmt::format("0-{}", size == 0 ? 0 : size - 1)},
           {"Docker-Upload-UUID", std::string(session)}}};
}

Response created(const Route& route, const oci::Digest& digest) {
  return {201,
          {{"Location", fmt::format("/v2/{}/blobs/{}", route.repository, digest.str())},
           {"Docker-Content-Digest", digest.str()}}};
}

// A chunk that does not come next, or is not what its range says.
Response out_of_order(const Route& route, std::string_view session, std::uint64_t size) {
  Response response = progress(416, route, session, size);
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = error_response(416, "BLOB_UPLOAD_INVALID", "The chunk does not come next").body;
  return response;
}

Response not_found(UploadState state) {
  if (state == UploadState::kUnknown) return upload_unknown();
  return error_response(409, "BLOB_UPLOAD_INVALID", "Another request is writing to this session");
}

// Why a blob of that size can not come in; nullopt: it can. One that is there already (`present`:
// with how many bytes) takes no more of a quota, as long as it can be that one.
std::optional<Response> refusal(const RegistryOptions& options, const std::string& repository,
                                std::uint64_t size, std::optional<std::uint64_t> present) {
  if (present && size > *present)
    return digest_invalid(fmt::format("The blob of that digest has {} bytes, not more", *present));
  if (size > options.max_blob_size)
    return error_response(
        413, "SIZE_INVALID",
        fmt::format("The blob is over the limit of {} bytes", options.max_blob_size));
  if (options.quotas && !present)
    if (const auto why = options.quotas->refusal(repository, size)) return denied(*why);
  return std::nullopt;
}

// How many bytes the blob has that the repository has already.
std::optional<std::uint64_t> present_size(const Call& call,
                                          const std::optional<oci::Digest>& digest) {
  if (!digest) return std::nullopt;
  return call.storage.blobs.blob_size(call.route.repository, *digest);
}

// Adds the body to a session; with a digest, makes it a blob.
class UploadExchange final : public Exchange {
 public:
  // kUnnamed: a session that the client has not been told of, and so can not come back to.
  enum class Lasting { kNamed, kUnnamed };

  // `present`: how many bytes the blob has if it is there already; `end`: how large the session has
  // to be then.
  UploadExchange(const Call& call, std::string session_name, std::unique_ptr<UploadSession> session,
                 std::optional<oci::Digest> digest, std::optional<std::uint64_t> present,
                 std::optional<std::uint64_t> end, Lasting lasting = Lasting::kNamed)
      : options_(call.options),
        route_(call.route),
        session_name_(std::move(session_name)),
        session_(std::move(session)),
        digest_(digest),
        end_(end),
        present_(present),
        cancel_if_broken_(lasting == Lasting::kUnnamed) {}

  ~UploadExchange() override {
    if (!cancel_if_broken_) return;
    try {
      session_->cancel();
    } catch (const std::exception&) {
      // Then it stays until it expires.
    }
  }

  void on_body(ConstBytes data) override {
    if (refused_) return;
    refused_ = refusal(options_, route_.repository, session_->size() + data.size(), present_);
    if (!refused_) session_->append(data);
  }

  bool is_decided() const override { return refused_.has_value(); }
  BodyKind body_kind() const override { return BodyKind::kLarge; }

  Response finish() override {
    cancel_if_broken_ = refused_.has_value();
    if (refused_) return *std::move(refused_);
    if (end_ && session_->size() != *end_)
      return out_of_order(route_, session_name_, session_->size());
    if (!digest_) return progress(202, route_, session_name_, session_->size());
    if (session_->commit(*digest_)) return created(route_, *digest_);
    session_->cancel();  // wrong bytes can not become right ones
    return digest_invalid("The content has another digest");
  }

 private:
  const RegistryOptions& options_;
  Route route_;
  std::string session_name_;
  std::unique_ptr<UploadSession> session_;
  std::optional<oci::Digest> digest_;
  std::optional<std::uint64_t> end_;
  std::optional<std::uint64_t> present_;
  bool cancel_if_broken_;
  std::optional<Response> refused_;
};

// The digest parameter: absent, valid or not.
struct DigestParameter {
  bool given = false;
  std::optional<oci::Digest> digest = {};
};

DigestParameter digest_parameter(const RequestHead& head) {
  const std::optional<std::string_view> text = head.parameter("digest");
  if (!text) return {};
  return {true, oci::Digest::try_parse(*text)};
}

// Without "from", from wherever it is found, if that is allowed.
std::optional<Response> try_mount(const Call& call) {
  const std::optional<std::string_view> mount = call.head.parameter("mount");
  if (!mount) return std::nullopt;
  const std::string from(call.head.parameter("from").value_or(""));
  // A quota has to know how much would come.
  const bool from_anywhere = call.options.allow_anonymous_mount && !call.options.quotas;
  if (from.empty() ? !from_anywhere : !is_repository_name(from)) return std::nullopt;
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(*mount);
  if (!digest) return std::nullopt;
  if (call.options.quotas && !from.empty())
    if (const auto content = call.storage.blobs.find_blob(from, *digest))
      if (auto refused = refusal(call.options, call.route.repository, content_length(*content),
                                 present_size(call, digest)))
        return refused;
  if (!call.writable->blobs.mount_blob(call.route.repository, from, *digest)) return std::nullopt;
  return created(call.route, *digest);
}

// What the digest will be made with: as the client says, or by its digest, or sha256.
std::optional<HashAlgorithm> wanted_algorithm(const Call& call, const DigestParameter& wanted) {
  if (wanted.digest) return wanted.digest->algorithm();
  const std::string_view name = call.head.parameter("digest-algorithm").value_or("sha256");
  if (name == "sha256") return HashAlgorithm::kSha256;
  if (name == "sha512") return HashAlgorithm::kSha512;
  return std::nullopt;
}

// What a body has to be: without a range it is whatever comes next.
struct Chunk {
  bool is_next = true;                    // follows directly on what is there
  std::optional<std::uint64_t> end = {};  // where the session will be then
};

Chunk chunk_of(const RequestHead& head, std::uint64_t size) {
  const std::optional<std::string_view> text = head.header("Content-Range");
  if (!text) return {};
  const std::optional<ChunkRange> range = parse_chunk_range(*text);
  if (!range || range->first != size) return {false};
  if (head.content_length && *head.content_length - 1 != range->last - range->first) return {false};
  return {true, range->last + 1};
}

// PATCH, and PUT with a digest.
Begun add_to_upload(const Call& call, std::optional<oci::Digest> digest) {
  FoundUpload found = call.writable->blobs.find_upload(call.route.repository, call.route.reference);
  if (found.state != UploadState::kFound) return not_found(found.state);
  const std::uint64_t size = found.session->size();
  const Chunk chunk = chunk_of(call.head, size);
  if (!chunk.is_next) return out_of_order(call.route, call.route.reference, size);
  const auto present = present_size(call, digest);
  if (auto refused = refusal(call.options, call.route.repository,
                             size + call.head.content_length.value_or(0), present))
    return *std::move(refused);
  return std::make_unique<UploadExchange>(call, call.route.reference, std::move(found.session),
                                          digest, present, chunk.end);
}

}  // namespace

Begun start_upload(const Call& call) {
  const DigestParameter wanted = digest_parameter(call.head);
  if (wanted.given && !wanted.digest) return digest_invalid("Invalid digest");
  const std::optional<HashAlgorithm> algorithm = wanted_algorithm(call, wanted);
  if (!algorithm) return digest_invalid("Unknown digest algorithm");
  if (std::optional<Response> mounted = try_mount(call)) return *std::move(mounted);
  const auto present = present_size(call, wanted.digest);
  if (auto refused = refusal(call.options, call.route.repository,
                             call.head.content_length.value_or(0), present))
    return *std::move(refused);
  std::string name = call.writable->blobs.begin_upload(call.route.repository, *algorithm);
  if (!wanted.digest) return progress(202, call.route, name, 0);
  FoundUpload found = call.writable->blobs.find_upload(call.route.repository, name);
  if (found.state != UploadState::kFound) return not_found(found.state);
  return std::make_unique<UploadExchange>(call, std::move(name), std::move(found.session),
                                          wanted.digest, present, std::nullopt,
                                          UploadExchange::Lasting::kUnnamed);
}

Begun append_upload(const Call& call) {
  return add_to_upload(call, std::nullopt);
}

Begun finish_upload(const Call& call) {
  const DigestParameter wanted = digest_parameter(call.head);
  if (!wanted.digest) return digest_invalid(wanted.given ? "Invalid digest" : "Missing digest");
  return add_to_upload(call, wanted.digest);
}

Response upload_status(const Call& call) {
  const auto size = call.writable->blobs.upload_size(call.route.repository, call.route.reference);
  if (!size) return upload_unknown();
  return progress(204, call.route, call.route.reference, *size);
}

Response cancel_upload(const Call& call) {
  const FoundUpload found =
      call.writable->blobs.find_upload(call.route.repository, call.route.reference);
  if (found.state != UploadState::kFound) return not_found(found.state);
  found.session->cancel();
  return {204};
}

}  // namespace tote::testregistry

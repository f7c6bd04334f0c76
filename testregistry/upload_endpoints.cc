#include "base/text.h"
#include "testregistry/endpoints.h"
#include "testregistry/errors.h"

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

Response busy() {
  return error_response(409, "BLOB_UPLOAD_INVALID", "Another request is writing to this session");
}

Response not_found(UploadState state) {
  return state == UploadState::kBusy ? busy() : upload_unknown();
}

// Adds the body to a session; with a digest, makes it a blob.
class UploadExchange final : public Exchange {
 public:
  // kUnnamed: a session that the client has not been told of, and so can not come back to.
  enum class Lasting { kNamed, kUnnamed };

  UploadExchange(const Route& route, std::string session_name,
                 std::unique_ptr<UploadSession> session, std::optional<oci::Digest> digest,
                 Lasting lasting = Lasting::kNamed)
      : route_(route),
        session_name_(std::move(session_name)),
        session_(std::move(session)),
        digest_(digest),
        cancel_if_broken_(lasting == Lasting::kUnnamed) {}

  ~UploadExchange() override {
    if (!cancel_if_broken_) return;
    try {
      session_->cancel();
    } catch (const std::exception&) {
      // Then it stays, as after kill -9.
    }
  }

  void on_body(ConstBytes data) override { session_->append(data); }

  Response finish() override {
    cancel_if_broken_ = false;
    if (!digest_) return progress(202, route_, session_name_, session_->size());
    if (session_->commit(*digest_)) return created(route_, *digest_);
    session_->cancel();  // wrong bytes can not become right ones
    return digest_invalid("The content has another digest");
  }

 private:
  Route route_;
  std::string session_name_;
  std::unique_ptr<UploadSession> session_;
  std::optional<oci::Digest> digest_;
  bool cancel_if_broken_;
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

std::optional<Response> try_mount(const Call& call) {
  const std::optional<std::string_view> mount = call.head.parameter("mount");
  const std::optional<std::string_view> from = call.head.parameter("from");
  if (!mount || !from || !is_repository_name(*from)) return std::nullopt;
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(*mount);
  if (!digest) return std::nullopt;
  if (!call.storage.mount_blob(call.route.repository, std::string(*from), *digest))
    return std::nullopt;
  return created(call.route, *digest);
}

// Whether a "first-last" chunk follows directly on what is there, and is as long as the body.
bool continues(std::string_view range, std::uint64_t size, std::optional<std::uint64_t> length) {
  if (range.starts_with("bytes ")) range.remove_prefix(6);  // as RFC 9110 spells it
  range = range.substr(0, range.find('/'));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return false;
  const std::optional<std::uint64_t> first = parse_number(range.substr(0, dash));
  const std::optional<std::uint64_t> last = parse_number(range.substr(dash + 1));
  if (!first || !last || *first != size || *last < *first) return false;
  return !length || *length == *last - *first + 1;
}

Response out_of_order(const Call& call, std::uint64_t size) {
  Response response = progress(416, call.route, call.route.reference, size);
  response.body = error_response(416, "BLOB_UPLOAD_INVALID", "The chunk does not come next").body;
  return response;
}

}  // namespace

Begun start_upload(const Call& call) {
  if (std::optional<Response> mounted = try_mount(call)) return *std::move(mounted);
  const DigestParameter wanted = digest_parameter(call.head);
  if (wanted.given && !wanted.digest) return digest_invalid("Invalid digest");
  std::string name = call.storage.begin_upload(call.route.repository);
  if (!wanted.digest) return progress(202, call.route, name, 0);
  FoundUpload found = call.storage.find_upload(call.route.repository, name);
  return std::make_unique<UploadExchange>(call.route, std::move(name), std::move(found.session),
                                          wanted.digest, UploadExchange::Lasting::kUnnamed);
}

Begun append_upload(const Call& call) {
  FoundUpload found = call.storage.find_upload(call.route.repository, call.route.reference);
  if (found.state != UploadState::kFound) return not_found(found.state);
  const std::optional<std::string_view> range = call.head.header("Content-Range");
  const std::uint64_t size = found.session->size();
  if (range && !continues(*range, size, call.head.content_length)) return out_of_order(call, size);
  return std::make_unique<UploadExchange>(call.route, call.route.reference,
                                          std::move(found.session), std::nullopt);
}

Begun finish_upload(const Call& call) {
  const DigestParameter wanted = digest_parameter(call.head);
  if (!wanted.digest) return digest_invalid(wanted.given ? "Invalid digest" : "Missing digest");
  FoundUpload found = call.storage.find_upload(call.route.repository, call.route.reference);
  if (found.state != UploadState::kFound) return not_found(found.state);
  const std::optional<std::string_view> range = call.head.header("Content-Range");
  const std::uint64_t size = found.session->size();
  if (range && !continues(*range, size, call.head.content_length)) return out_of_order(call, size);
  return std::make_unique<UploadExchange>(call.route, call.route.reference,
                                          std::move(found.session), wanted.digest);
}

Response upload_status(const Call& call) {
  const auto size = call.storage.upload_size(call.route.repository, call.route.reference);
  if (!size) return upload_unknown();
  return progress(204, call.route, call.route.reference, *size);
}

Response cancel_upload(const Call& call) {
  const FoundUpload found = call.storage.find_upload(call.route.repository, call.route.reference);
  if (found.state != UploadState::kFound) return not_found(found.state);
  found.session->cancel();
  return {204};
}

}  // namespace tote::testregistry

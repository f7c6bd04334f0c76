#include "registry/remote_upload.h"

#include "base/text.h"
#include "oci/verify.h"
#include "registry/registry_error.h"
#include "registry/remote_blob.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::registry {
namespace {

constexpr int kTooLarge = 413;

// Whether a refusal to take a blob at once says nothing about the next one.
bool is_about_that_moment(int status) {
  return status == 429 || status == 503;
}

// "0-99" -> 100. The first byte alone and nothing at all look the same: nothing is then assumed,
// and the registry refuses the chunk if that was wrong.
std::uint64_t parse_progress(std::string_view range) {
  if (range.starts_with("bytes=")) range.remove_prefix(6);
  if (!range.starts_with("0-")) return 0;
  const auto last = parse_number(range.substr(2));
  return last && *last > 0 ? *last + 1 : 0;
}

}  // namespace

RemoteUpload::RemoteUpload(Host& host, std::string repository, const oci::Descriptor& blob,
                           std::string location, std::unique_ptr<UploadEntry> entry,
                           std::stop_token stop)
    : host_(host),
      repository_(std::move(repository)),
      blob_(blob),
      location_(std::move(location)),
      entry_(std::move(entry)),
      stop_(std::move(stop)),
      is_of_earlier_run_(entry_ && !entry_->location().empty()),
      offset_known_(!is_of_earlier_run_) {
  if (is_of_earlier_run_) location_ = entry_->location();
}

Terms RemoteUpload::push_terms(std::vector<int> accept) const {
  return {.repository = repository_, .access = Access::kPush, .accept = std::move(accept)};
}

std::string RemoteUpload::uploads_path() const {
  return fmt::format("/v2/{}/blobs/uploads/", repository_);
}

void RemoteUpload::begin_if_need_be() {
  if (!location_.empty()) return;
  const auto reply =
      host_.send({.method = "POST", .url = uploads_path()}, push_terms({202}), stop_);
  move_to(*reply);
  if (location_.empty())
    throw Error(ErrorKind::kRegistry,
                fmt::format("POST {}: the registry began an upload without a Location",
                            transport::redact_url(reply->url())));
}

void RemoteUpload::move_to(const transport::Reply& reply) {
  if (const auto least = parse_number(reply.header("OCI-Chunk-Min-Length").value_or("")))
    least_chunk_ = *least;
  if (const auto location = reply.header("Location"); location && !location->empty())
    go_to(transport::follow(reply.url(), *location));
}

// A small blob is not worth a file on the disk.
void RemoteUpload::go_to(std::string location) {
  location_ = std::move(location);
  if (entry_) entry_->remember(location_);
}

std::uint64_t RemoteUpload::offset() {
  if (offset_known_) return offset_;
  held_.clear();
  offset_ = location_.empty() ? 0 : progress_of_session();
  if (offset_ > blob_.size) begin_anew();
  offset_known_ = true;
  return offset_;
}

std::uint64_t RemoteUpload::progress_of_session() {
  try {
    const auto reply = host_.send({.url = location_}, push_terms({200, 202, 204}), stop_);
    move_to(*reply);
    return parse_progress(reply->header("Range").value_or(""));
  } catch (const Error&) {
    // The session is gone, or this registry can not tell. If nothing can be asked there, beginning
    // anew shows it.
    begin_anew();
    return 0;
  }
}

void RemoteUpload::begin_anew() {
  go_to({});
  is_of_earlier_run_ = false;
  offset_ = 0;
}

// A session that the registry has lost, or counts differently, is worth a new one.
template <class Send>
std::unique_ptr<transport::Reply> RemoteUpload::begin_again_if_lost(Send send) {
  try {
    return send();
  } catch (RegistryError& error) {
    if (error.status() == 404 || error.status() == 416) {
      begin_anew();
      error.try_again();
    }
    throw;
  }
}

void RemoteUpload::append(Source& content, std::uint64_t size) {
  if (size == 0) return;
  if (blob_.size <= kSmallBlob && offset_ == 0) {
    held_ = read_all(content, kSmallBlob, blob_.digest.str());
    if (held_.size() != size) oci::throw_wrong_size(held_.size(), size);
    offset_ = held_.size();
    return;
  }
  begin_if_need_be();
  for (std::uint64_t left = size; left > 0;) {
    const std::uint64_t chunk = next_chunk(left);
    send_chunk(content, chunk, left);
    left -= chunk;
  }
  expect_end(content);
}

std::uint64_t RemoteUpload::next_chunk(std::uint64_t left) const noexcept {
  const std::uint64_t most = host_.chunk_size();
  return most == 0 ? left : std::min(left, std::max(most, least_chunk_));
}

void RemoteUpload::send_chunk(Source& content, std::uint64_t size, std::uint64_t left) {
  offset_known_ = false;
  transport::Request request{.method = "PATCH",
                             .url = location_,
                             .headers = {{"Content-Type", "application/octet-stream"}},
                             .body = {content, size}};
  // Only where it says something: some registries know no ranges in a first, whole chunk.
  if (offset_ > 0 || size < left)
    request.headers.emplace_back("Content-Range",
                                 fmt::format("{}-{}", offset_, offset_ + size - 1));
  const auto reply = patch(request);
  if (reply->status() == 307 || reply->status() == 308) send_elsewhere(*reply);
  move_to(*reply);
  offset_ += size;
  offset_known_ = true;
}

// What stands before the registry may take small bodies only.
std::unique_ptr<transport::Reply> RemoteUpload::patch(const transport::Request& request) {
  try {
    return begin_again_if_lost([&] {
      return host_.send(request, push_terms({200, 201, 202, 204, 307, 308}), stop_);
    });
  } catch (RegistryError& error) {
    const std::uint64_t size = request.body.size();
    if (error.status() == kTooLarge && size > least_chunk_ && host_.lower_chunk_size(size))
      error.try_at_once();
    throw;
  }
}

// The session has not advanced, but is somewhere else, where the content has to be sent again.
void RemoteUpload::send_elsewhere(transport::Reply& reply) {
  move_to(reply);
  offset_known_ = true;
  RegistryError moved = host_.refusal("PATCH", reply);
  moved.try_again();
  throw moved;
}

// The specification's "Single POST". A registry may begin a session instead, which is used then.
// Whatever else goes wrong is no failure: what is really wrong shows in the requests that every
// registry knows.
bool RemoteUpload::is_taken_at_once() {
  if (held_.empty() || !location_.empty() || !host_.takes_blobs_at_once()) return false;
  Terms terms = push_terms({201, 202});
  terms.is_tried_once = true;
  try {
    const auto reply =
        host_.send({.method = "POST",
                    .url = transport::with_parameter(uploads_path(), "digest", blob_.digest.str()),
                    .headers = {{"Content-Type", "application/octet-stream"}},
                    .body = transport::Body(held_)},
                   terms, stop_);
    if (reply->status() == 201 && (names_blob(*reply) || is_there())) return true;
    if (reply->status() == 202) move_to(*reply);
    host_.note_that_blobs_are_not_taken_at_once();
  } catch (const RegistryError& error) {
    if (!is_about_that_moment(error.status())) host_.note_that_blobs_are_not_taken_at_once();
  } catch (const Error&) {
    // The connection broke, or nobody answered, which may take half a minute: once is enough.
    host_.note_that_blobs_are_not_taken_at_once();
  }
  return false;
}

// Whether an answer is about the blob, rather than a session.
bool RemoteUpload::names_blob(const transport::Reply& reply) const {
  return reply.header("Docker-Content-Digest") == blob_.digest.str() ||
         reply.header("Location").value_or("").find(blob_.digest.hex()) != std::string::npos;
}

void RemoteUpload::commit() {
  offset_known_ = false;
  if (is_taken_at_once()) return;
  begin_if_need_be();
  transport::Request request{
      .method = "PUT",
      .url = transport::with_parameter(location_, "digest", blob_.digest.str()),
      .body = transport::Body(held_)};
  if (!held_.empty()) request.headers.emplace_back("Content-Type", "application/octet-stream");
  begin_again_if_lost([&]() -> std::unique_ptr<transport::Reply> {
    try {
      return host_.send(request, push_terms({200, 201, 202, 204}), stop_);
    } catch (const RegistryError& error) {
      // Perhaps it was committed and only the answer lost: the session is over then.
      if (error.status() == 404 && is_there()) return nullptr;
      throw_after_commit(error);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kTransport || !has_arrived()) throw;
      return nullptr;
    }
  });
  if (entry_) entry_->forget();
}

// What an earlier run has sent may be wrong: once, everything is sent again.
void RemoteUpload::throw_after_commit(RegistryError error) {
  if (error.retry() == Retry::kNo && is_of_earlier_run_) {
    begin_anew();
    error.try_again();
  }
  throw error;
}

// False also where nobody answers: the commit has failed already, and its error says more.
bool RemoteUpload::has_arrived() {
  try {
    return is_there();
  } catch (const Error&) {
    return false;
  }
}

bool RemoteUpload::is_there() {
  return is_blob_there(host_, repository_, blob_.digest, stop_).value_or(false);
}

}  // namespace tote::registry

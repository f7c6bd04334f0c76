#include "registry/remote_blob.h"

#include "base/text.h"
#include "oci/verify.h"
#include "registry/registry_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tote::registry {
namespace {

// Whether "bytes 5-9/10" begins at `offset`.
bool begins_at(std::string_view content_range, std::uint64_t offset) {
  return content_range.starts_with(fmt::format("bytes {}-", offset));
}

// Of "bytes 0-0/10" the 10, or the length of the whole body.
std::string size_field(const transport::Reply& reply) {
  if (reply.status() != 206) return reply.header("Content-Length").value_or("");
  const std::string range = reply.header("Content-Range").value_or("");
  return range.substr(range.find('/') + 1);
}

}  // namespace

std::optional<bool> is_blob_there(Host& host, const std::string& repository,
                                  const oci::Digest& digest, std::stop_token stop) {
  transport::Request request{.method = "HEAD",
                             .url = fmt::format("/v2/{}/blobs/{}", repository, digest.str())};
  Terms terms{.repository = repository, .accept = {200, 404}};
  try {
    return host.send(request, terms, stop)->status() == 200;
  } catch (const RegistryError& error) {
    if (!may_refuse_head_only(error.status())) throw;
  }
  // One byte is enough; an empty blob has not even that.
  request.method = "GET";
  request.headers = {{"Range", "bytes=0-0"}};
  terms.accept = {200, 206, 404, 416};
  try {
    return host.send(request, terms, std::move(stop))->status() != 404;
  } catch (const RegistryError& error) {
    if (!error.is_denied()) throw;
    return std::nullopt;
  }
}

std::uint64_t find_blob_size(Host& host, const std::string& repository, const oci::Digest& digest,
                             std::stop_token stop) {
  transport::Request request{.method = "HEAD",
                             .url = fmt::format("/v2/{}/blobs/{}", repository, digest.str())};
  Terms terms{.repository = repository};
  try {
    const auto reply = host.send(request, terms, stop);
    if (const auto size = parse_number(reply->header("Content-Length").value_or(""))) return *size;
  } catch (const RegistryError& error) {
    if (error.kind() != ErrorKind::kNotFound && !may_refuse_head_only(error.status())) throw;
  }
  // Only the answer to a GET has a body that says why it is not there.
  request.method = "GET";
  request.headers = {{"Range", "bytes=0-0"}};
  terms.accept = {200, 206};
  const auto reply = host.send(request, terms, std::move(stop));
  if (const auto size = parse_number(size_field(*reply))) return *size;
  throw Error(ErrorKind::kRegistry,
              fmt::format("the registry does not say how large blob '{}' is", digest.str()));
}

RemoteBlob::RemoteBlob(Host& host, std::string repository, const oci::Descriptor& blob,
                       std::uint64_t offset, std::stop_token stop)
    : host_(host),
      repository_(std::move(repository)),
      blob_(blob),
      at_(offset),
      stop_(std::move(stop)),
      retries_(host.retry_policy(), host.clock()) {
  if (at_ < blob_.size || at_ == 0) open();
}

void RemoteBlob::open() {
  transport::Request request{.url = fmt::format("/v2/{}/blobs/{}", repository_, blob_.digest.str()),
                             .expected_size = blob_.size - at_};
  if (at_ > 0) request.headers.emplace_back("Range", fmt::format("bytes={}-", at_));
  try {
    reply_ = host_.send(request, {.repository = repository_, .accept = {200, 206}}, stop_);
  } catch (const RegistryError& error) {
    if (error.kind() != ErrorKind::kNotFound || blob_.urls.empty()) throw;
    return open_from_urls();
  }
  check_answer();
}

// Non-distributable layers say where else they are; content from there is verified all the same.
void RemoteBlob::open_from_urls() {
  for (std::size_t i = 0;; ++i) {
    try {
      reply_ = host_.send_elsewhere(blob_.urls[i], stop_);
      return skip(at_);
    } catch (const Error&) {
      if (i + 1 == blob_.urls.size()) throw;
    }
  }
}

void RemoteBlob::check_answer() {
  const bool partial = reply_->status() == 206;
  if (partial && !begins_at(reply_->header("Content-Range").value_or(""), at_))
    throw Error(ErrorKind::kRegistry,
                fmt::format("blob '{}': asked for bytes from {}, got range '{}'",
                            blob_.digest.str(), at_, reply_->header("Content-Range").value_or("")));
  const std::uint64_t from = partial ? at_ : 0;
  const auto length = parse_number(reply_->header("Content-Length").value_or(""));
  if (length && *length != blob_.size - from) oci::throw_wrong_size(from + *length, blob_.size);
  if (!partial) skip(at_);  // the registry does not know ranges
}

void RemoteBlob::skip(std::uint64_t bytes) {
  std::vector<std::byte> buffer(bytes == 0 ? 0 : kStreamChunk);
  while (bytes > 0) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size()));
    const std::size_t n = reply_->read_some(std::span(buffer).first(want));
    if (n == 0) oci::throw_wrong_size(at_ - bytes, blob_.size);
    bytes -= n;
  }
}

std::size_t RemoteBlob::read_some(MutableBytes out) {
  for (;;) {
    try {
      if (!reply_) {
        if (at_ >= blob_.size) return 0;
        open();
      }
      const std::size_t n = reply_->read_some(out);
      at_ += n;
      retries_.advanced_to(at_);
      return n;
    } catch (Error& failure) {
      reply_.reset();
      retries_.wait_or_rethrow(failure, stop_);
    }
  }
}

}  // namespace tote::registry

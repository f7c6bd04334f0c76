// The content of a blob on a registry, as a stream that survives broken connections.
#pragma once

#include "oci/manifest.h"
#include "registry/host.h"

#include <memory>
#include <stop_token>
#include <string>

namespace tote::registry {

// Whether a repository has a blob; nullopt: it may not be looked at.
std::optional<bool> is_blob_there(Host& host, const std::string& repository,
                                  const oci::Digest& digest, std::stop_token stop);

// In bytes, as the registry says it. RegistryError{kNotFound} if it is not there, Error{kRegistry}
// if it does not say how large it is.
std::uint64_t find_blob_size(Host& host, const std::string& repository, const oci::Digest& digest,
                             std::stop_token stop);

// When the connection breaks it goes on from where it was, by a range request, as often as the
// retry policy says without a byte of progress. Does not verify the digest.
class RemoteBlob final : public Source {
 public:
  // Asks for the blob at once. Error{kNotFound} if it is not there, nor at the URLs that its
  // descriptor gives.
  RemoteBlob(Host& host, std::string repository, const oci::Descriptor& blob, std::uint64_t offset,
             std::stop_token stop);
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  void open();
  void open_from_urls();
  void check_answer();
  void skip(std::uint64_t bytes);

  Host& host_;
  const std::string repository_;
  const oci::Descriptor blob_;
  std::uint64_t at_;
  std::stop_token stop_;
  Retries retries_;
  std::unique_ptr<transport::Reply> reply_;  // null: to be opened
};

}  // namespace tote::registry

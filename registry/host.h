// One registry: how it is reached, how we authenticate there, what is tried again. The layer
// between single HTTP exchanges and the registry protocol.
#pragma once

#include "base/clock.h"
#include "base/once_map.h"
#include "base/retry.h"
#include "oci/reference.h"
#include "registry/auth/authenticator.h"
#include "registry/auth/keychain.h"
#include "registry/host_limiter.h"
#include "registry/registry_error.h"
#include "registry/upload_journal.h"
#include "transport/http.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

enum class Access { kPull, kPush, kIdentity };  // the last: of nothing but who somebody is

// What a request is about, what it has to be allowed, and which answers are good ones.
struct Terms {
  std::string repository;  // a path on the registry; empty: the list of all repositories
  Access access = Access::kPull;
  std::vector<int> accept = {200};  // any other status is a RegistryError
  // To be read in the same step (a mount): a repository path on this registry, or empty.
  std::string also_pull = {};
  bool is_tried_once = false;  // whatever the retry policy says: there is another way
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

struct HostSettings {
  bool insecure = false;          // plain HTTP may be tried with any host, and carries passwords
  bool tries_plain_http = false;  // it may be tried, but carries none
  bool shows_certificate = true;  // the user's client certificate, if it asks for one
  RetryPolicy retry = {};
  std::chrono::microseconds between_requests{0};  // at the least
  std::size_t first_requests = kNoLimit;          // at a time, in the beginning
  std::size_t most_requests = kNoLimit;           // and ever
  std::uint64_t chunk_size = 0;                   // the largest body of an upload; 0: any
  // Sent to the registry itself with every request, as little in plain text as a password is.
  transport::Headers headers = {};
  UploadJournal* journal = nullptr;  // must outlive the host; null: none
  // Errors word by word as imgpkg's, after the requests that it makes.
  bool imgpkg_words = false;
};

// Thread-safe. The transport, keychain and clock must outlive it.
class Host {
 public:
  Host(std::string registry, const HostSettings& settings, transport::Transport& transport,
       const Keychain& keychain, Clock& clock);

  const std::string& registry() const noexcept { return registry_; }
  const RetryPolicy& retry_policy() const noexcept { return settings_.retry; }
  Clock& clock() const noexcept { return clock_; }
  // How many requests it gets at a time, as it seems by now.
  std::size_t allowed_requests() const { return limiter_.allowed(); }

  // Sends a request to the registry itself, whose `url` is a path ("/v2/...") or a URL that the
  // registry gave us, with authorization. Repeats what failed for a moment, if its body can be sent
  // again: who sends a stream resumes it. Throws RegistryError, Error{kTransport}, Cancelled.
  std::unique_ptr<transport::Reply> send(const transport::Request& request, const Terms& terms,
                                         std::stop_token stop);
  // Likewise, and takes the whole body, which is asked for anew where it breaks off. More than
  // `limit` bytes are Error{kParse} about `what`.
  struct Fetched {
    std::unique_ptr<transport::Reply> reply;  // for its head
    std::string body;
  };
  Fetched fetch(const transport::Request& request, const Terms& terms, std::uint64_t limit,
                std::string_view what, std::stop_token stop);
  // The error of an answer that is none of those wanted.
  RegistryError refusal(const std::string& method, transport::Reply& reply) const;
  // Whether a POST with a blob in it is worth trying (OCI distribution specification 1.1, "Single
  // POST"): until it is known that it is not.
  bool takes_blobs_at_once() const noexcept { return takes_blobs_at_once_; }
  void note_that_blobs_are_not_taken_at_once() noexcept { takes_blobs_at_once_ = false; }
  // The largest body that is worth sending in an upload; 0: any.
  std::uint64_t chunk_size() const noexcept { return chunk_size_; }
  // One of `size` bytes was too large (413). False: smaller ones make no sense.
  bool lower_chunk_size(std::uint64_t size) noexcept;
  UploadJournal* journal() const noexcept { return settings_.journal; }
  // Whether everything is asked for as imgpkg asks for it, one by one.
  bool is_like_imgpkg() const noexcept { return settings_.imgpkg_words; }
  // Without any authorization, for the `urls` of a descriptor that lead elsewhere.
  std::unique_ptr<transport::Reply> send_elsewhere(const std::string& url, std::stop_token stop);

 private:
  struct Attempt;

  std::unique_ptr<transport::Reply> open(const transport::Request& request,
                                         HostLimiter::Weight weight, std::stop_token stop);
  std::string base_url(const std::stop_token& stop);
  std::string probe(const std::stop_token& stop);
  std::unique_ptr<transport::Reply> probe_scheme(const std::string& scheme, std::stop_token stop);
  std::unique_ptr<transport::Reply> ask_for_scheme(const std::stop_token& stop);
  Credentials credentials(const std::string& repository, const std::stop_token& stop);
  std::unique_ptr<transport::Reply> send_once(const transport::Request& request, const Terms& terms,
                                              std::stop_token stop);
  bool learn(const Attempt& attempt, const transport::Reply& refusal, int round);
  std::string authorize(transport::Request& http, const Attempt& attempt, std::stop_token stop);
  void announce_other_way(const Error& failure) const;
  void explain_refusal(Error& failure, const std::string& repository, const std::stop_token& stop);

  const std::string registry_;
  const HostSettings settings_;
  transport::Transport& transport_;
  const Keychain& keychain_;
  Clock& clock_;
  Authenticator authenticator_;
  HostLimiter limiter_;

  OnceValue<std::string> base_url_;  // "https://host:port"
  std::atomic<bool> takes_blobs_at_once_ = true;
  std::atomic<std::uint64_t> chunk_size_;
  OnceMap<std::string, Credentials> credentials_;  // by repository
};

}  // namespace tote::registry

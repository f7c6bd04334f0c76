// A registry with tokens, in this process, that can be told to fail at one kind of request.
#pragma once

#include "testregistry/http/filter.h"
#include "testregistry/registry.h"

#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace tote::test {

// What a client asks for. A blob is large if its upload is more than one request.
enum class Operation {
  kProbe,
  kToken,
  kHeadManifest,
  kGetManifest,
  kHeadBlob,
  kGetBlob,
  kGetLargeBlob,
  kPostSession,
  kPostBlob,
  kPostMount,
  kGetSession,
  kPatch,
  kPutBlob,
  kPutManifest,
};

// What goes wrong. Positions are in the middle.
enum class Mischief {
  kDropBefore,        // the connection ends instead of an answer, and nothing was done
  kDropAfter,         // it was done, but the answer is lost
  kDropInRequest,     // the connection ends when half of the request's body is there
  kDropInAnswer,      // the connection ends in the middle of the answer's body
  kTruncate,          // the body is shorter, and says so
  kExtra,             // the body is longer, and says so
  kCorrupt,           // one byte of the body is another
  kStall,             // the answer goes no further than the middle of its body
  kSilence,           // no answer comes, and nothing ends
  kTooMany,           // 429
  kTooManyFor1s,      // 429 with Retry-After: 1
  kBroken,            // 500
  kUnavailable,       // 503
  kUnauthorized,      // 401 with the registry's challenge, as if the token had ended
  kRedirectToItself,  // 307
  kWrongDigest,       // Docker-Content-Digest is another
  kNoDigest,          // Docker-Content-Digest is not there
  kPage,              // 200 with a page for people
};

constexpr std::size_t kEveryTime = std::numeric_limits<std::size_t>::max();

// Stands before everything else. Thread-safe.
class Mischievous final : public testregistry::HandlerFilter {
 public:
  explicit Mischievous(testregistry::Handler& inner) : HandlerFilter(inner) {}

  // Until calm(), requests of that kind fail, `times` of them; how often is counted anew.
  void fail(Operation at, Mischief with, std::size_t times);
  // And this one, so that what comes of it can fail.
  void fail_first(Operation at, Mischief with);
  // How often something failed.
  std::size_t calm();
  // Those blobs are large.
  void call_large(const std::string& digest);

  std::optional<testregistry::Response> answer_now(const testregistry::RequestHead&) override {
    return std::nullopt;
  }
  testregistry::Begun begin(const testregistry::RequestHead& head) override;

 private:
  std::optional<Mischief> strike(const testregistry::RequestHead& head);
  std::optional<Operation> operation_of(const testregistry::RequestHead& head) const;

  std::mutex mutex_;
  std::set<std::string> large_;  // this and the rest guarded by mutex_
  std::optional<Operation> at_;
  Mischief with_ = Mischief::kDropBefore;
  std::size_t times_ = 0;
  std::size_t struck_ = 0;
  std::optional<Operation> first_at_;
  Mischief first_with_ = Mischief::kDropBefore;
};

class FaultyRegistry {
 public:
  FaultyRegistry();

  std::string address() const { return registry_.ready().address; }
  // "user:password" of the one user there is.
  std::string login() const;
  testregistry::Storage& storage() { return registry_.storage(); }
  Mischievous& mischief() { return *mischief_; }

 private:
  Mischievous* mischief_ = nullptr;  // of the registry
  testregistry::Registry registry_;
};

}  // namespace tote::test

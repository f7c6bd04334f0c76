// The registry's behaviour as seen by a connection, with no socket in sight: body bytes are pushed
// in as they arrive, the response is a value. The server adapts this to HTTP; tests and fuzzers
// call it directly.
#pragma once

#include "base/stream.h"
#include "testregistry/values/content.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tote::testregistry {

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct RequestHead {
  std::string method;  // "GET"
  std::string path;    // percent-decoded, "/v2/..."
  NameValues query;    // percent-decoded, in order
  NameValues headers;  // in order, names as sent
  std::optional<std::uint64_t> content_length;
  // How the client reaches the registry; behind a proxy that is trusted, as that says.
  std::string client = {};           // its address
  std::string_view scheme = "http";  // or "https"
  std::string forwarded_host = {};   // empty: the Host header has it

  // The first of that name, names compared without case; nullopt when there is none.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
  std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

// What goes wrong with an answer on its way out, for those who test clients (faults.h).
// Positions are bytes of the body.
struct Mishap {
  std::chrono::milliseconds delay{0};            // before anything is sent
  bool drop = false;                             // the connection ends instead
  std::optional<std::uint64_t> cut_at = {};      // the connection ends there
  std::optional<std::uint64_t> stall_at = {};    // nothing more comes, nothing ends
  std::optional<std::uint64_t> corrupt_at = {};  // that byte is another
  std::uint64_t extra = 0;                       // the body is so much longer, and says so
  std::shared_ptr<const void> held = {};         // goes when the answer has gone
};

struct Response {
  int status = 200;
  NameValues headers = {};
  std::variant<std::string, MemoryRange, FileRange> body = {};
  std::shared_ptr<const Mishap> mishap = {};  // nearly always none
  std::string user = {};                      // who asked, for the log; empty: nobody that is known

  std::uint64_t own_length() const noexcept;   // of `body`
  std::uint64_t body_length() const noexcept;  // as it is sent
};

// Which threads something that blocks may keep waiting.
enum class Lane {
  kStorage,    // what reads and writes
  kPasswords,  // password hashes, which are slow on purpose: few threads, and a queue that is
               // bounded
};

// How large the pieces are in which a body is taken, and so how much memory a connection holds.
enum class BodyKind {
  kSmall,  // a form, a manifest, what is dropped
  kLarge,  // a blob of somebody who may push it
};

// One request whose body is being received. Called by one thread at a time, and allowed to block.
// Destroyed without finish() if the client goes away: what on_body() took is kept or dropped as
// the endpoint sees fit.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  virtual void on_body(ConstBytes data) = 0;
  // The answer. Called at the end of the body, or as soon as is_decided().
  virtual Response finish() = 0;

  // True: nothing that may still come changes the answer, so the rest of the body is not read.
  virtual bool is_decided() const { return false; }
  virtual BodyKind body_kind() const { return BodyKind::kSmall; }
  // Where finish() is to run.
  virtual Lane lane() const { return Lane::kStorage; }
};

// Either the answer, which does not depend on the body, or somebody to give the body to.
using Begun = std::variant<Response, std::unique_ptr<Exchange>>;

// Thread-safe. Never throws for what a client did: that is a 4xx response.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  // The answer, if it can be given without blocking (no disk, no password hash); called on the
  // connection's own thread. nullopt: call begin().
  virtual std::optional<Response> answer_now(const RequestHead&) { return std::nullopt; }
  // Where begin() is to run. Like answer_now() it does not block.
  virtual Lane lane(const RequestHead&) { return Lane::kStorage; }
  // May block.
  virtual Begun begin(const RequestHead& head) = 0;
};

}  // namespace tote::testregistry

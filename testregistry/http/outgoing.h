// An answer on its way out: its head and its body piece by piece, spoiled if a fault says so. Knows
// no connection but for sendfile(). For one thread. Internal to testregistry/.
#pragma once

#include "testregistry/http/handler.h"
#include "testregistry/http/response_text.h"

#include <string>
#include <string_view>

namespace tote::testregistry {

class Outgoing {
 public:
  Outgoing() = default;
  explicit Outgoing(Response response) : response_(std::move(response)) {}

  int status() const noexcept { return response_.status; }
  const std::string& user() const noexcept { return response_.user; }
  // Null nearly always.
  const Mishap* mishap() const noexcept { return response_.mishap.get(); }

  // Makes the head, for HEAD without a body. False: a file has become shorter than the head says.
  bool begin(bool is_head, KeepAlive keep_alive);
  // Once begun; a small file stands behind it already: one packet instead of two.
  const std::string& head() const noexcept { return head_; }

  // Whether what comes next is of a file.
  bool is_file() const noexcept {
    return std::holds_alternative<FileRange>(response_.body) && next_ < own_end_;
  }
  std::uint64_t position() const noexcept { return next_; }  // of the body
  std::uint64_t left() const noexcept { return end_ - next_; }

  // Whether the next turn of a file can be had without waiting for a disk.
  bool is_in_page_cache() const noexcept;
  // Makes that so, if the file can be read. May block.
  void read_ahead() const;

  // The next piece of a body that is in memory; empty at its end, and for a file. It is there until
  // the next call.
  std::string_view take_from_memory();
  // Likewise of a file, into `out`. 0: it has become shorter, or can not be read.
  std::size_t take_from_file(MutableBytes out);
  // From a file into a socket that does not block, until it takes no more, or others should have
  // their turn. nullopt: the client has gone, or the file has become shorter.
  std::optional<std::size_t> send_file(int socket);

 private:
  bool inline_small_file();
  std::string_view take_extra();
  void corrupt(MutableBytes data) const;

  Response response_;
  std::string head_;
  std::string changed_;        // what a mishap made of a piece
  std::uint64_t next_ = 0;     // of the body: what is to be sent next
  std::uint64_t own_end_ = 0;  // where the response's own bytes end
  std::uint64_t end_ = 0;      // and where what is sent does
};

}  // namespace tote::testregistry

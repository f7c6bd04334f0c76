// An answer on its way out, over a connection: from memory, from a file by sendfile(), or from a
// source that workers read. Part of Session.
#pragma once

#include "testregistry/http/body_buffers.h"
#include "testregistry/http/outgoing.h"
#include "testregistry/http/session_context.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tote::testregistry {

template <class Session>
class ResponseSender {
 public:
  ResponseSender(Session& session, BodyBuffers& buffers) : session_(session), buffers_(buffers) {}

  // For the record of the request. Status 0: there was no answer.
  int status() const { return status_; }
  std::uint64_t sent() const { return sent_; }
  const std::string& user() const { return user_; }
  // Whether a part of the answer has gone, so that no other can be given.
  bool is_under_way() const { return outgoing_.is_under_way(); }

  // A new request.
  void reset() {
    sent_ = 0;
    status_ = 0;
    user_.clear();
  }

  void take(Response response) { outgoing_ = Outgoing(std::move(response)); }
  // What it has taken. Ends in Session::on_sent() or close().
  void send() {
    const Mishap* mishap = outgoing_.mishap();
    if (mishap == nullptr || mishap->delay.count() == 0) return send_now();
    session_.set_working(true);
    delay_ = std::make_unique<Timer>(session_.socket().get_executor());
    delay_->expires_after(mishap->delay);
    delay_->async_wait([this, self = session_.shared_from_this()](error_code) {
      session_.set_working(false);
      send_now();
    });
  }

  // Of the answer; null nearly always.
  const Mishap* mishap() const { return outgoing_.mishap(); }

  // Nothing more of it is sent. Letting go of a source may wait for whoever it reads from.
  void drop() {
    if (auto source = outgoing_.release_source())
      session_.server().source_workers.try_run([source = std::move(source)] {});
    outgoing_ = {};
  }
  void on_close() {
    if (delay_) delay_->cancel();
  }

 private:
  void send_now() {
    if (outgoing_.mishap() != nullptr && outgoing_.mishap()->drop) return session_.close();
    status_ = outgoing_.status();
    user_ = outgoing_.user();
    if (!outgoing_.begin(session_.is_head(), session_.keep_alive())) return session_.close();
    if (outgoing_.is_source()) return send_from_source();
    write_with_head(outgoing_.take_from_memory());
  }

  // The head goes with the first piece.
  void write_with_head(std::string_view piece) {
    write(std::array<net::const_buffer, 2>{net::buffer(outgoing_.take_head()), net::buffer(piece)});
  }

  template <class Buffers>
  void write(const Buffers& buffers) {
    net::async_write(session_.stream(), buffers,
                     [this, self = session_.shared_from_this()](error_code failed, std::size_t) {
                       on_written(failed);
                     });
  }

  void on_written(error_code failed) {
    sent_ = outgoing_.position();
    if (failed) return session_.close();
    session_.touch();
    if (outgoing_.left() == 0) return session_.on_sent();
    if (outgoing_.is_file()) return send_file();
    if (outgoing_.is_source()) return send_from_source();
    write(net::buffer(outgoing_.take_from_memory()));
  }

  // A disk that is slow keeps a worker waiting, not the thread of all connections.
  void send_file() {
    if (outgoing_.is_in_page_cache()) return send_file_now();
    session_.on_worker(
        Lane::kStorage, [this] { outgoing_.read_ahead(); }, [this] { send_file_now(); });
  }

  void send_file_now() {
    if (Session::kTls || outgoing_.mishap() != nullptr) return send_file_through_memory();
    error_code failed;
    session_.socket().native_non_blocking(true, failed);
    const std::optional<std::size_t> turn = outgoing_.send_file(session_.socket().native_handle());
    sent_ = outgoing_.position();
    if (!turn) return session_.close();
    if (*turn > 0) session_.touch();
    if (outgoing_.left() == 0) return session_.on_sent();
    session_.socket().async_wait(Socket::wait_write,
                                 [this, self = session_.shared_from_this()](error_code broken) {
                                   if (!broken) send_file();
                                 });
  }

  void send_file_through_memory() {
    const MutableBytes buffer = buffers_.need(outgoing_.left(), BodyBuffers::kUsual);
    const std::size_t got = outgoing_.take_from_file(buffer);
    if (got == 0) return session_.close();
    write(net::buffer(buffer.data(), got));
  }

  // The client is told of a failure as long as nothing has been sent.
  void send_from_source() {
    const MutableBytes buffer = buffers_.need(outgoing_.left(), BodyBuffers::kUsual);
    session_.on_worker(
        Lane::kSources, [this, buffer] { return outgoing_.take_from_source(buffer); },
        [this, buffer](std::size_t got) {
          if (!session_.is_closed()) write_with_head(as_text(buffer.first(got)));
        });
  }

  Session& session_;
  BodyBuffers& buffers_;
  Outgoing outgoing_;
  std::unique_ptr<Timer> delay_;
  int status_ = 0;
  std::uint64_t sent_ = 0;
  std::string user_;
};

}  // namespace tote::testregistry

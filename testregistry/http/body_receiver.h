// The body of a request on its way in: read on the I/O thread, a piece ahead of the worker that
// gives it to the exchange. Part of Session.
#pragma once

#include "testregistry/http/body_buffers.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/request_intake.h"
#include "testregistry/http/server_answers.h"
#include "testregistry/http/session_context.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace tote::testregistry {

// What is wrong with the client's bytes deserves an answer, a connection that ends does not.
inline bool is_malformed(error_code failed) {
  return failed.category() == make_error_code(http::error::bad_method).category() &&
         failed != http::error::end_of_stream && failed != http::error::partial_message;
}

template <class Session>
class BodyReceiver {
 public:
  BodyReceiver(Session& session, RequestIntake& request, BodyBuffers& buffers)
      : session_(session), request_(request), buffers_(buffers) {}

  // A new request.
  void reset() {
    received_ = 0;
    ended_ = false;
    error_ = {};
    kind_ = BodyKind::kLarge;
  }
  std::uint64_t received() const { return received_; }  // bytes, for the record of the request
  bool is_reading() const { return is_reading_; }
  // The body came with the head, and has been passed on already.
  void note_whole(std::size_t bytes) { received_ = bytes; }

  void begin(std::unique_ptr<Exchange> exchange) {
    exchange_ = std::move(exchange);
    kind_ = exchange_->body_kind();
  }

  // The next piece is read while a worker has the last one.
  void read() {
    if (request_.is_complete()) {
      ended_ = true;
      if (!worker_is_busy_) finish();
      return;
    }
    buffers_.need_for(kind_, request_.left());
    is_reading_ = true;
    if (request_.left())
      read_sized();
    else
      read_chunked();
  }

  // Of a large body every byte counts; a small one has to be there in the time that a large one may
  // take between two bytes, or whoever is refused could hold a connection for days.
  void note_progress() {
    if (kind_ == BodyKind::kLarge) session_.touch();
  }

  // Something has failed: the rest of the body is of no use, nor is the exchange.
  void give_up() {
    worker_is_busy_ = false;
    stop();
    drop();
  }

  // Letting go of an upload may wait for the disk.
  void drop() {
    if (exchange_) session_.server().storage_workers.try_run([exchange = std::move(exchange_)] {});
  }

 private:
  // Past Beast, whose parser would copy every byte once more, in small pieces.
  void read_sized() {
    const MutableBytes buffer = buffers_.front();
    const MutableBytes want = buffer.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(*request_.left(), buffer.size())));
    const std::size_t have = request_.take_buffered(want);
    const MutableBytes rest = want.subspan(have);
    const auto progress = [this](error_code failed, std::size_t) {
      note_progress();
      return failed ? 0 : BodyBuffers::kLarge;
    };
    net::async_read(
        session_.stream(), net::buffer(rest.data(), rest.size()), progress,
        [this, self = session_.shared_from_this(), have](error_code failed, std::size_t n) {
          request_.count(have + n);
          on_piece(failed, have + n);
        });
  }

  void read_chunked() {
    const MutableBytes buffer = buffers_.front();
    request_.buffer().reserve(buffer.size() / 2);  // or it would read a few hundred bytes at a time
    auto& body = request_.parser().get().body();
    body.data = buffer.data();
    body.size = buffer.size();
    http::async_read_some(session_.stream(), request_.buffer(), request_.parser(),
                          [this, self = session_.shared_from_this(), size = buffer.size()](
                              error_code failed, std::size_t) {
                            const std::size_t got = size - request_.parser().get().body().size;
                            if (failed == http::error::need_buffer) failed = {};
                            on_piece(failed, got);
                          });
  }

  void on_piece(error_code failed, std::size_t got) {
    note_progress();
    is_reading_ = false;
    if (!exchange_) return session_.on_read_after_answer();
    received_ += got;
    filled_ = got;
    error_ = failed;
    if (!worker_is_busy_) pass_on();
  }

  // What has arrived is kept also if the connection has ended, so that the client can resume
  // behind it.
  void pass_on() {
    if (filled_ == 0) return after_piece();
    const MutableBytes piece = buffers_.hand_over().first(std::exchange(filled_, 0));
    worker_is_busy_ = true;
    session_.on_worker(
        Lane::kStorage, [this, piece] { exchange_->on_body(piece); }, [this] { on_passed(); });
    if (!error_) read();
  }

  void on_passed() {
    worker_is_busy_ = false;
    if (exchange_->is_decided()) {
      stop();
      return finish();
    }
    if (!is_reading_) pass_on();
  }

  void after_piece() {
    if (is_malformed(error_)) return session_.answer_broken(malformed_request(400));
    if (error_) return drop();  // the client has gone
    if (ended_) return finish();
    read();
  }

  // The rest of the body is of no use.
  void stop() {
    filled_ = 0;
    if (!request_.is_complete()) session_.end_after_answer();
    error_code ignored;
    if (is_reading_) session_.socket().cancel(ignored);  // its buffer is large
  }

  // The exchange has gone before the answer, so that the next request finds what it held free.
  void finish() {
    const Lane lane = exchange_->lane();
    const bool is_taken = session_.on_worker(
        lane,
        [exchange = std::move(exchange_)]() mutable {
          Response response = exchange->finish();
          exchange.reset();
          return response;
        },
        [this](Response response) { session_.respond(std::move(response)); });
    if (!is_taken) session_.respond(too_many_passwords());
  }

  Session& session_;
  RequestIntake& request_;
  BodyBuffers& buffers_;
  std::unique_ptr<Exchange> exchange_;
  BodyKind kind_ = BodyKind::kLarge;  // of the exchange
  std::uint64_t received_ = 0;
  std::size_t filled_ = 0;  // of the buffer in front, for the worker
  bool worker_is_busy_ = false;
  bool is_reading_ = false;
  bool ended_ = false;
  error_code error_;
};

}  // namespace tote::testregistry

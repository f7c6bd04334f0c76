// One connection: reads requests, asks the handler, writes responses. The only code, with its parts
// (request_intake.h, body_receiver.h, response_sender.h), that knows both Beast and the handler.
// Internal to server.cc, which alone includes it, since Beast's headers take half a minute to
// compile.
//
// A session lives on one I/O thread. What may block runs on a worker and comes back by a post to
// that thread, so no member is ever touched by two threads at once. It ends on its thread too: the
// thread goes on until the last of its sessions has gone, and the workers until after that.
#pragma once

#include "testregistry/http/body_buffers.h"
#include "testregistry/http/body_receiver.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/request_intake.h"
#include "testregistry/http/response_sender.h"
#include "testregistry/http/server_answers.h"
#include "testregistry/http/session_context.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace tote::testregistry {

template <class Stream>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Session(Stream stream, CountedConnection counted, SessionContext& context)
      : stream_(std::move(stream)), counted_(std::move(counted)), context_(context) {
    context_.live.insert(this);
    allow_ticks(static_cast<unsigned>(options().head_timeout.count()));
  }
  ~Session() override {
    report();
    receiver_.drop();
    sender_.drop();
    buffers_.free();
    context_.live.erase(this);
    if (context_.live.empty()) context_.on_last_gone();
  }

  void start() {
    request_.set_client(remote_address());
    if constexpr (kTls) {
      stream_.async_handshake(net::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code failed) {
                                if (!failed) self->read_head();
                              });
    } else {
      read_head();
    }
  }

  void close() override {
    is_closed_ = true;
    sender_.on_close();
    error_code ignored;
    socket().close(ignored);
  }

  void drain() override {
    is_draining_ = true;
    if (!in_request_) close();
  }

  // ---- for its parts ---------------------------------------------------------------------------

  Stream& stream() { return stream_; }
  Socket& socket() {
    if constexpr (kTls)
      return stream_.next_layer();
    else
      return stream_;
  }
  ServerContext& server() { return context_.server; }
  bool is_closed() const { return is_closed_; }
  bool is_head() const { return is_head_; }
  KeepAlive keep_alive() const { return is_draining_ ? KeepAlive::kNo : keep_alive_; }
  void end_after_answer() { keep_alive_ = KeepAlive::kNo; }

  // Runs `work` on a worker and `then` here, with the result if there is one; what fails is
  // answered as the registry's failure. The session stays alive meanwhile. False: the workers of
  // that lane have too much to do, and nothing is run.
  template <class Work, class Then>
  bool on_worker(Lane lane, Work work, Then then) {
    set_working(true);
    const bool is_taken =
        server().workers(lane).try_run([self = this->shared_from_this(), work = std::move(work),
                                        then = std::move(then)]() mutable {
          auto outcome = self->outcome_of(work);
          const auto executor = self->socket().get_executor();
          net::post(executor,
                    [self = std::move(self), outcome = std::move(outcome),
                     then = std::move(then)]() mutable { self->go_on(std::move(outcome), then); });
        });
    if (!is_taken) set_working(false);
    return is_taken;
  }

  void respond(Response response) {
    sender_.take(std::move(response));
    if (is_closed_) return;
    touch();
    sender_.send();
  }

  // Where an answer is on its way already, only the end of the connection tells the client.
  void answer_broken(Response response) {
    if (sender_.is_under_way()) return close();
    receiver_.give_up();
    sender_.drop();
    end_after_answer();
    respond(std::move(response));
  }

  void on_sent() {
    report();
    if (const Mishap* mishap = sender_.mishap()) {
      if (mishap->cut_at) return close();
      if (mishap->stall_at) return drop_until_closed();
    }
    if (is_draining_ && request_.is_complete()) return close();
    const bool ends = keep_alive_ == KeepAlive::kNo || !request_.is_complete();
    sender_.drop();
    if (!ends) return read_head();
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    drop_until_closed();
  }

  // What was being read when the answer went has come.
  void on_read_after_answer() {
    if (is_lingering_) drop_until_closed();
  }

 private:
  const ServerOptions& options() const { return context_.server.options; }

  std::string remote_address() {
    error_code failed;
    const auto endpoint = socket().remote_endpoint(failed);
    if (failed) return {};
    const net::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
  }

  // ---- from a request to its answer ------------------------------------------------------------

  void read_head() {
    in_request_ = false;
    if (is_draining_) return close();
    buffers_.free();
    request_.begin();
    allow_ticks(static_cast<unsigned>(options().head_timeout.count()));
    http::async_read_header(stream_, request_.buffer(), request_.parser(),
                            [self = this->shared_from_this()](error_code failed, std::size_t) {
                              self->on_head(failed);
                            });
  }

  void on_head(error_code failed) {
    allow_ticks(static_cast<unsigned>(options().body_timeout.count()));
    if (failed) return on_bad_head(failed);
    in_request_ = true;
    if (options().on_request) begun_ = std::chrono::steady_clock::now();
    receiver_.reset();
    sender_.reset();
    request_.note_head();
    keep_alive_ = request_.keep_alive();
    is_head_ = request_.is_head();
    if (const int status = request_.refused_framing(); status != 0)
      return refuse(malformed_request(status));
    if (!request_.make_head()) return refuse(malformed_target());
    if (std::optional<Response> now = answer_now()) return answer_early(*std::move(now));
    const Lane lane = server().handler.lane(request_.head());
    const bool is_taken = on_worker(
        lane, [this, lane] { return begin(lane); },
        [this](Start start) { on_begun(std::move(start)); });
    if (!is_taken) answer_early(too_many_passwords());
  }

  struct Start {
    Begun begun;
    std::size_t taken = 0;  // bytes of the body
  };

  // On a worker. What has come with its head as a whole is not handed over once more.
  Start begin(Lane lane) {
    Start start{server().handler.begin(request_.head())};
    auto* exchange = std::get_if<std::unique_ptr<Exchange>>(&start.begun);
    const std::optional<ConstBytes> body = request_.whole_body();
    if (exchange == nullptr || !body || lane != Lane::kStorage || (*exchange)->lane() != lane)
      return start;
    if (!body->empty()) (*exchange)->on_body(*body);
    Response response = (*exchange)->finish();
    exchange->reset();  // so that the next request finds what it held free
    return {std::move(response), body->size()};
  }

  void on_bad_head(error_code failed) {
    if (!is_malformed(failed)) return;
    is_head_ = false;
    refuse(malformed_request(failed == http::error::header_limit ? 431 : 400));
  }

  // Nobody knows where the next request would begin.
  void refuse(Response response) {
    end_after_answer();
    respond(std::move(response));
  }

  // A failure here must not end the thread that all connections share.
  std::optional<Response> answer_now() noexcept {
    try {
      return server().handler.answer_now(request_.head());
    } catch (const std::exception&) {
      return std::nullopt;  // a worker will meet it too, and report it
    }
  }

  void on_begun(Start start) {
    if (start.taken > 0) {
      request_.drop_buffered(start.taken);
      receiver_.note_whole(start.taken);
    }
    Begun& begun = start.begun;
    if (auto* response = std::get_if<Response>(&begun)) return answer_early(std::move(*response));
    receiver_.begin(std::get<std::unique_ptr<Exchange>>(std::move(begun)));
    if (!request_.expects_continue()) return receiver_.read();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(kContinue),
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       if (!failed) self->receiver_.read();
                     });
  }

  // The answer does not depend on the body. A short one is read and dropped, so that the
  // connection can go on; a long one is not waited for.
  void answer_early(Response response) {
    if (request_.is_complete()) return respond(std::move(response));
    const bool is_short = request_.left() && *request_.left() <= kDrainLimit;
    if (!is_short || request_.expects_continue()) return refuse(std::move(response));
    receiver_.begin(std::make_unique<Dropped>(std::move(response)));
    receiver_.read();
  }

  class Dropped final : public Exchange {
   public:
    explicit Dropped(Response response) : response_(std::move(response)) {}
    void on_body(ConstBytes) override {}
    Response finish() override { return std::move(response_); }

   private:
    Response response_;
  };

  // Closing with unread bytes would reset the connection and could take the response with it.
  void drop_until_closed() {
    is_lingering_ = true;
    if (receiver_.is_reading()) return;  // on_read_after_answer() goes on here
    const MutableBytes buffer = buffers_.need_idle();
    socket().async_read_some(net::buffer(buffer.data(), buffer.size()),
                             [self = this->shared_from_this()](error_code failed, std::size_t) {
                               if (!failed) self->drop_until_closed();
                             });
  }

  // Once per request, also when it came to nothing.
  void report() {
    if (!std::exchange(in_request_, false) || !options().on_request) return;
    const RequestHead& head = request_.head();
    options().on_request({head.method, request_.target(), head.client, sender_.user(),
                          request_.user_agent(), sender_.status(), receiver_.received(),
                          sender_.sent(), std::chrono::steady_clock::now() - begun_});
  }

  // ---- workers ---------------------------------------------------------------------------------

  struct Failed {
    Response response;
  };
  struct Done {};
  // What work comes to: a failure, or its result.
  template <class Result>
  using Outcome = std::variant<Failed, std::conditional_t<std::is_void_v<Result>, Done, Result>>;

  // On a worker.
  template <class Work>
  Outcome<std::invoke_result_t<Work&>> outcome_of(Work& work) const {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
        work();
        return Done{};
      } else {
        return work();
      }
    } catch (const std::exception& failure) {
      const RequestHead& head = request_.head();
      if (options().log)
        options().log(fmt::format("{} {}: {}", head.method, head.path, failure.what()));
      return Failed{answer_for(failure)};
    }
  }

  template <class Outcome, class Then>
  void go_on(Outcome outcome, Then& then) {
    receiver_.note_progress();
    set_working(false);
    if (auto* failure = std::get_if<Failed>(&outcome))
      return answer_broken(std::move(failure->response));
    if constexpr (std::is_invocable_v<Then&>)
      then();
    else
      then(std::get<1>(std::move(outcome)));
  }

  static constexpr std::uint64_t kDrainLimit = 64 * 1024;

  Stream stream_;
  CountedConnection counted_;
  SessionContext& context_;
  RequestIntake request_{options(), kTls ? "https" : "http"};
  BodyBuffers buffers_{context_.large_bodies};
  BodyReceiver<Session> receiver_{*this, request_, buffers_};
  ResponseSender<Session> sender_{*this, buffers_};
  KeepAlive keep_alive_ = KeepAlive::kYes;
  bool is_head_ = false;
  bool in_request_ = false;  // from its head to its answer
  bool is_draining_ = false;
  bool is_closed_ = false;
  bool is_lingering_ = false;  // answered for the last time; reads until the client closes
  std::chrono::steady_clock::time_point begun_;  // the request, for its record
};

}  // namespace tote::testregistry

// One connection: reads requests, asks the handler, writes responses. The only code that knows
// both Beast and the handler. Internal to server.cc, which alone includes it, since Beast's
// headers take half a minute to compile.
//
// A session lives on one I/O thread. What may block runs on a worker and comes back by a post to
// that thread, so no member is ever touched by two threads at once. It ends on its thread too: the
// thread goes on until the last of its sessions has gone, and the workers until after that.
#pragma once

#include "base/error.h"
#include "testregistry/http/error_response.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/outgoing.h"
#include "testregistry/http/request_target.h"
#include "testregistry/http/server_options.h"
#include "testregistry/http/session_context.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <memory>
#include <system_error>

namespace tote::testregistry {

template <class Stream>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, CountedConnection counted, SessionContext& context)
      : stream_(std::move(stream)), counted_(std::move(counted)), context_(context) {
    context_.live.insert(this);
    allow_ticks(static_cast<unsigned>(options().head_timeout.count()));
  }
  ~Session() override {
    report();
    drop_exchange();
    free_body_buffers();
    context_.live.erase(this);
    if (context_.live.empty()) context_.on_last_gone();
  }

  void start() {
    remote_ = remote_address();
    is_behind_proxy_ =
        !options().trusted_proxies.empty() && options().trusted_proxies.contains(remote_);
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
    if (delay_) delay_->cancel();
    error_code ignored;
    socket().close(ignored);
  }

  void drain() override {
    draining_ = true;
    if (!in_request_) close();
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  static constexpr std::size_t kBodyBuffer = 128 * 1024;
  static constexpr std::size_t kSmallBodyBuffer = 8 * 1024;
  // Handing a piece to a worker costs the more the smaller the pieces are; a few uploads at a time
  // get larger ones.
  static constexpr std::size_t kLargeBodyBuffer = 1 << 20;
  static constexpr std::size_t kLargeBodies = 8;
  static constexpr std::size_t kIdleBuffer = 4096;
  static constexpr std::uint64_t kDrainLimit = 64 * 1024;

  const ServerOptions& options() const { return context_.server.options; }

  Socket& socket() {
    if constexpr (kTls)
      return stream_.next_layer();
    else
      return stream_;
  }

  std::string remote_address() {
    error_code failed;
    const auto endpoint = socket().remote_endpoint(failed);
    if (failed) return {};
    const net::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
  }

  // ---- receiving -------------------------------------------------------------------------------

  void read_head() {
    in_request_ = false;
    if (draining_) return close();
    parser_.emplace();
    parser_->header_limit(options().max_head_size);
    parser_->body_limit(boost::none);
    free_body_buffers();  // an idle connection holds little
    if (buffer_.capacity() > kIdleBuffer) buffer_.shrink_to_fit();
    allow_ticks(static_cast<unsigned>(options().head_timeout.count()));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code failed, std::size_t) {
                              self->on_head(failed);
                            });
  }

  void on_head(error_code failed) {
    allow_ticks(static_cast<unsigned>(options().body_timeout.count()));
    if (failed) return on_bad_head(failed);
    in_request_ = true;
    received_ = sent_ = 0;
    status_ = 0;
    user_.clear();
    if (options().on_request) begun_ = std::chrono::steady_clock::now();
    keep_alive_ = parser_->get().keep_alive() ? KeepAlive::kYes : KeepAlive::kNo;
    is_head_ = parser_->get().method() == http::verb::head;
    body_left_.reset();
    if (parser_->is_done())
      body_left_ = 0;
    else if (const auto left = parser_->content_length_remaining())
      body_left_ = *left;
    body_ended_ = false;
    body_error_ = {};
    body_kind_ = BodyKind::kLarge;
    head_ = {};
    head_.method = parser_->get().method_string();
    head_.client = remote_;
    if (const int status = refused_framing(); status != 0) {
      keep_alive_ = KeepAlive::kNo;
      Response response = malformed();
      response.status = status;
      return respond(std::move(response));
    }
    if (!make_request_head()) {
      keep_alive_ = KeepAlive::kNo;
      return respond(error_response(400, "NAME_INVALID", "Malformed request target"));
    }
    if (std::optional<Response> now = answer_now()) return on_begun(*std::move(now));
    Handler& handler = context_.server.handler;
    const bool taken = on_worker(
        handler.lane(head_), [this, &handler] { return handler.begin(head_); },
        [this](Begun begun) { on_begun(std::move(begun)); });
    if (!taken) on_begun(too_busy());
  }

  // A failure here must not end the thread that all connections share.
  std::optional<Response> answer_now() noexcept {
    try {
      return context_.server.handler.answer_now(head_);
    } catch (const std::exception&) {
      return std::nullopt;  // a worker will meet it too, and report it
    }
  }

  // What is wrong with the client's bytes deserves an answer, a connection that ends does not.
  static bool is_malformed(error_code failed) {
    return failed.category() == make_error_code(http::error::bad_method).category() &&
           failed != http::error::end_of_stream && failed != http::error::partial_message;
  }

  void on_bad_head(error_code failed) {
    if (!is_malformed(failed)) return;
    keep_alive_ = KeepAlive::kNo;
    is_head_ = false;
    const bool too_long = failed == http::error::header_limit;
    Response response = malformed();
    if (too_long) response.status = 431;
    respond(std::move(response));
  }

  // Where a request ends must be beyond doubt (RFC 9112, 3.2 and 6.1): 0, or the status that says
  // that it is not.
  int refused_framing() {
    const auto& request = parser_->get();
    const auto coding = request[http::field::transfer_encoding];
    if (!coding.empty() && !boost::beast::iequals(coding, "chunked")) return 501;
    return request.version() == 11 && request.count(http::field::host) != 1 ? 400 : 0;
  }

  // From Beast's request to ours; false for a target that is no path.
  bool make_request_head() {
    const auto& request = parser_->get();
    if (!parse_target({request.target().data(), request.target().size()}, head_)) return false;
    for (const auto& field : request)
      head_.headers.emplace_back(field.name_string(), field.value());
    if (const auto length = parser_->content_length()) head_.content_length = *length;
    if (kTls) head_.scheme = "https";
    if (is_behind_proxy_) believe_proxy();
    return true;
  }

  void believe_proxy() {
    Forwarded said = read_forwarded(head_, options().trusted_proxies);
    if (!said.client.empty()) head_.client = std::move(said.client);
    if (!said.scheme.empty()) head_.scheme = said.scheme == "https" ? "https" : "http";
    head_.forwarded_host = std::move(said.host);
  }

  void on_begun(Begun begun) {
    const bool expects_continue =
        boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
    if (auto* response = std::get_if<Response>(&begun))
      return answer_early(std::move(*response), expects_continue);
    exchange_ = std::get<std::unique_ptr<Exchange>>(std::move(begun));
    body_kind_ = exchange_->body_kind();
    if (!expects_continue) return read_body();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(kContinue),
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       if (!failed) self->read_body();
                     });
  }

  // The answer does not depend on the body. A short one is read and dropped, so that the
  // connection can go on; a long one is not waited for.
  void answer_early(Response response, bool expects_continue) {
    if (body_complete()) return respond(std::move(response));
    if (!expects_continue && body_left_ && *body_left_ <= kDrainLimit) {
      exchange_ = std::make_unique<Dropped>(std::move(response));
      body_kind_ = BodyKind::kSmall;
      return read_body();
    }
    keep_alive_ = KeepAlive::kNo;
    respond(std::move(response));
  }

  class Dropped final : public Exchange {
   public:
    explicit Dropped(Response response) : response_(std::move(response)) {}
    void on_body(ConstBytes) override {}
    Response finish() override { return std::move(response_); }

   private:
    Response response_;
  };

  void need_body_buffer(std::uint64_t at_most, std::size_t limit) {
    if (body_.empty())
      body_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(at_most, limit)));
  }

  // Whoever is not known to be allowed to send much gets little memory.
  std::size_t buffer_limit() {
    if (body_kind_ == BodyKind::kSmall) return kSmallBodyBuffer;
    if (body_left_ && *body_left_ > kBodyBuffer) claim_large_body();
    return has_large_body_ ? kLargeBodyBuffer : kBodyBuffer;
  }

  void claim_large_body() {
    if (!body_.empty() || !work_.empty() || context_.large_bodies == kLargeBodies) return;
    has_large_body_ = true;
    ++context_.large_bodies;
  }

  void free_body_buffers() {
    body_ = work_ = {};
    if (std::exchange(has_large_body_, false)) --context_.large_bodies;
  }

  // The next piece is read while a worker has the last one.
  void read_body() {
    if (body_complete()) {
      body_ended_ = true;
      if (!worker_busy_) finish_exchange();
      return;
    }
    need_body_buffer(body_left_.value_or(kBodyBuffer), buffer_limit());
    reading_ = true;
    if (body_left_)
      read_sized();
    else
      read_chunked();
  }

  bool body_complete() const { return body_left_ ? *body_left_ == 0 : parser_->is_done(); }

  // Past Beast, whose parser would copy every byte once more, in small pieces.
  void read_sized() {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(*body_left_, body_.size()));
    const std::size_t have = std::min(buffer_.size(), want);
    std::memcpy(body_.data(), buffer_.data().data(), have);
    buffer_.consume(have);
    const auto progress = [this](error_code failed, std::size_t) {
      note_progress();
      return failed ? 0 : kLargeBodyBuffer;
    };
    net::async_read(stream_, net::buffer(body_.data() + have, want - have), progress,
                    [self = this->shared_from_this(), have](error_code failed, std::size_t n) {
                      *self->body_left_ -= have + n;
                      self->on_body(failed, have + n);
                    });
  }

  void read_chunked() {
    buffer_.reserve(body_.size() / 2);  // or it would read a few hundred bytes at a time
    parser_->get().body().data = body_.data();
    parser_->get().body().size = body_.size();
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](error_code failed, std::size_t) {
                            const std::size_t got =
                                self->body_.size() - self->parser_->get().body().size;
                            if (failed == http::error::need_buffer) failed = {};
                            self->on_body(failed, got);
                          });
  }

  // Of a large body every byte counts; a small one has to be there in the time that a large one may
  // take between two bytes, or whoever is refused could hold a connection for days.
  void note_progress() {
    if (body_kind_ == BodyKind::kLarge) touch();
  }

  void on_body(error_code failed, std::size_t got) {
    note_progress();
    reading_ = false;
    if (!exchange_) {  // it was answered meanwhile
      if (is_lingering_) drop_until_closed();
      return;
    }
    received_ += got;
    filled_ = got;
    body_error_ = failed;
    if (!worker_busy_) pass_on();
  }

  // What has arrived is kept also if the connection has ended, so that the client can resume
  // behind it.
  void pass_on() {
    if (filled_ == 0) return after_piece();
    std::swap(body_, work_);
    const std::size_t size = std::exchange(filled_, 0);
    worker_busy_ = true;
    on_worker(
        Lane::kStorage,
        [this, size] {
          exchange_->on_body(std::span(work_).first(size));
          return Response{};
        },
        [this](Begun) {
          worker_busy_ = false;
          if (exchange_->is_decided()) return finish_early();
          if (!reading_) pass_on();
        });
    if (!body_error_) read_body();
  }

  void after_piece() {
    if (is_malformed(body_error_)) return answer_broken(malformed());
    if (body_error_) return drop_exchange();  // the client has gone
    if (body_ended_) return finish_exchange();
    read_body();
  }

  // The rest of the body is of no use.
  void finish_early() {
    stop_reading();
    finish_exchange();
  }

  void stop_reading() {
    filled_ = 0;
    if (!body_complete()) keep_alive_ = KeepAlive::kNo;
    error_code ignored;
    if (reading_) socket().cancel(ignored);  // its buffer is large
  }

  // The exchange has gone before the answer, so that the next request finds what it held free.
  void finish_exchange() {
    const Lane lane = exchange_->lane();
    const bool taken = on_worker(
        lane,
        [exchange = std::move(exchange_)]() mutable {
          Response response = exchange->finish();
          exchange.reset();
          return response;
        },
        [this](Begun begun) { respond(std::get<Response>(std::move(begun))); });
    if (!taken) respond(too_busy());
  }

  // Letting go of an upload may wait for the disk.
  void drop_exchange() {
    if (exchange_) context_.server.storage_workers.try_run([exchange = std::move(exchange_)] {});
  }

  // Runs `work` on a worker and `then` with its result here. The session stays alive meanwhile.
  // False: the workers of that lane have too much to do, and nothing is run.
  template <class Work, class Then>
  bool on_worker(Lane lane, Work work, Then then) {
    set_working(true);
    const bool taken = context_.server.workers(lane).try_run(
        [self = this->shared_from_this(), work = std::move(work), then]() mutable {
          auto done = std::make_shared<Begun>();
          bool broken = false;
          try {
            *done = work();
          } catch (const std::exception& failure) {
            *done = self->failed(failure);
            broken = true;
          }
          Session& session = *self;
          net::post(session.socket().get_executor(),
                    [self = std::move(self), done, then, broken]() mutable {
                      self->note_progress();
                      self->set_working(false);
                      if (broken) return self->answer_broken(std::get<Response>(std::move(*done)));
                      then(std::move(*done));
                    });
        });
    if (!taken) set_working(false);
    return taken;
  }

  Response failed(const std::exception& failure) const {
    if (options().log)
      options().log(fmt::format("{} {}: {}", head_.method, head_.path, failure.what()));
    // Full disks do not empty themselves: clients repeat a 500 at once, and that not.
    if (is_out_of_space(failure))
      return error_response(507, "DENIED", "The registry has no space left");
    return error_response(500, "UNKNOWN", "The registry failed; its log says why");
  }

  static bool is_out_of_space(const std::exception& failure) {
    if (const auto* error = dynamic_cast<const Error*>(&failure)) return error->is_out_of_space();
    const auto* system = dynamic_cast<const std::system_error*>(&failure);
    return system != nullptr && system->code() == std::errc::no_space_on_device;
  }

  static Response too_busy() {
    Response response =
        error_response(429, "TOOMANYREQUESTS", "Too many passwords are waiting to be checked");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }

  static Response malformed() { return error_response(400, "UNSUPPORTED", "Malformed request"); }

  void answer_broken(Response response) {
    worker_busy_ = false;
    stop_reading();
    drop_exchange();
    keep_alive_ = KeepAlive::kNo;
    respond(std::move(response));
  }

  // ---- sending ---------------------------------------------------------------------------------

  void respond(Response response) {
    if (is_closed_) return;
    touch();
    outgoing_ = Outgoing(std::move(response));
    const Mishap* mishap = outgoing_.mishap();
    if (mishap == nullptr || mishap->delay.count() == 0) return send_response();
    set_working(true);
    delay_ = std::make_unique<Timer>(socket().get_executor());
    delay_->expires_after(mishap->delay);
    delay_->async_wait([self = this->shared_from_this()](error_code) {
      self->set_working(false);
      self->send_response();
    });
  }

  void send_response() {
    if (outgoing_.mishap() != nullptr && outgoing_.mishap()->drop) return close();
    if (draining_) keep_alive_ = KeepAlive::kNo;
    status_ = outgoing_.status();
    user_ = outgoing_.user();
    if (!outgoing_.begin(is_head_, keep_alive_)) return close();
    const std::string_view body = outgoing_.take_from_memory();
    write(std::array<net::const_buffer, 2>{net::buffer(outgoing_.head()), net::buffer(body)});
  }

  template <class Buffers>
  void write(const Buffers& buffers) {
    net::async_write(stream_, buffers,
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       self->on_written(failed);
                     });
  }

  void on_written(error_code failed) {
    sent_ = outgoing_.position();
    if (failed) return close();
    touch();
    if (outgoing_.left() == 0) return on_sent();
    if (outgoing_.is_file()) return send_file();
    write(net::buffer(outgoing_.take_from_memory()));
  }

  // A disk that is slow keeps a worker waiting, not the thread of all connections.
  void send_file() {
    if (outgoing_.is_in_page_cache()) return send_file_now();
    on_worker(
        Lane::kStorage,
        [this] {
          outgoing_.read_ahead();
          return Response{};
        },
        [this](Begun) { send_file_now(); });
  }

  void send_file_now() {
    if (kTls || outgoing_.mishap() != nullptr) return send_file_through_memory();
    error_code failed;
    socket().native_non_blocking(true, failed);
    const std::optional<std::size_t> turn = outgoing_.send_file(socket().native_handle());
    sent_ = outgoing_.position();
    if (!turn) return close();
    if (*turn > 0) touch();
    if (outgoing_.left() == 0) return on_sent();
    socket().async_wait(Socket::wait_write, [self = this->shared_from_this()](error_code broken) {
      if (!broken) self->send_file();
    });
  }

  void send_file_through_memory() {
    need_body_buffer(outgoing_.left(), kBodyBuffer);
    const std::size_t got = outgoing_.take_from_file(body_);
    if (got == 0) return close();
    write(net::buffer(body_.data(), got));
  }

  void on_sent() {
    report();
    if (const Mishap* mishap = outgoing_.mishap()) {
      if (mishap->cut_at) return close();
      if (mishap->stall_at) return drop_until_closed();
    }
    if (draining_ && body_complete()) return close();
    const bool ends = keep_alive_ == KeepAlive::kNo || !body_complete();
    outgoing_ = {};
    if (!ends) return read_head();
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    drop_until_closed();
  }

  // Closing with unread bytes would reset the connection and could take the response with it.
  void drop_until_closed() {
    is_lingering_ = true;
    if (reading_) return;  // on_body() goes on here
    if (body_.size() != kIdleBuffer) {
      free_body_buffers();
      need_body_buffer(kIdleBuffer, kIdleBuffer);
    }
    socket().async_read_some(net::buffer(body_),
                             [self = this->shared_from_this()](error_code failed, std::size_t) {
                               if (!failed) self->drop_until_closed();
                             });
  }

  // Once per request, also when it came to nothing.
  void report() {
    if (!std::exchange(in_request_, false) || !options().on_request) return;
    const auto& request = parser_->get();
    const auto view = [](auto text) { return std::string_view(text.data(), text.size()); };
    options().on_request({head_.method, view(request.target()), head_.client, user_,
                          view(request[http::field::user_agent]), status_, received_, sent_,
                          std::chrono::steady_clock::now() - begun_});
  }

  Stream stream_;
  CountedConnection counted_;
  SessionContext& context_;
  boost::beast::flat_buffer buffer_{options().max_head_size + kBodyBuffer};
  std::optional<http::request_parser<http::buffer_body>> parser_;
  RequestHead head_;
  KeepAlive keep_alive_ = KeepAlive::kYes;
  bool is_head_ = false;
  bool in_request_ = false;  // from its head to its answer
  bool draining_ = false;
  bool is_closed_ = false;
  bool is_lingering_ = false;  // answered for the last time; reads until the client closes
  std::unique_ptr<Exchange> exchange_;
  BodyKind body_kind_ = BodyKind::kLarge;       // of the exchange
  std::optional<std::uint64_t> body_left_ = 0;  // nullopt: it comes in chunks
  std::vector<std::byte> body_;                 // only while a body moves
  std::vector<std::byte> work_;                 // what a worker has of it
  bool has_large_body_ = false;                 // counted in the context
  std::size_t filled_ = 0;                      // of body_, for the worker
  bool worker_busy_ = false;
  bool reading_ = false;
  bool body_ended_ = false;
  error_code body_error_;
  Outgoing outgoing_;
  std::unique_ptr<Timer> delay_;
  // For the record of the request.
  std::string remote_;  // of the connection
  bool is_behind_proxy_ = false;
  std::string user_;
  std::chrono::steady_clock::time_point begun_;
  int status_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace tote::testregistry

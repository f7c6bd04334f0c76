// One connection: reads requests, asks the handler, writes responses. The only code that knows
// both Beast and the handler. Internal to server.cc, which alone includes it, since Beast's
// headers take half a minute to compile.
//
// A session lives on one I/O thread. What may block runs on the worker pool and comes back by a
// post to that thread, so no member is ever touched by two threads at once.
#pragma once

#include "base/error.h"
#include "testregistry/errors.h"
#include "testregistry/handler.h"
#include "testregistry/response_text.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>

#include <memory>
#include <set>
#include <sys/sendfile.h>

namespace tote::testregistry {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
// The concrete executor: type erasure costs a third of the request rate.
using Socket = net::basic_stream_socket<net::ip::tcp, net::io_context::executor_type>;
using TlsStream = net::ssl::stream<Socket>;

class SessionBase {
 public:
  virtual ~SessionBase() = default;
  virtual void close() = 0;
  // Called once per tick of the I/O thread's one timer.
  bool is_idle(unsigned ticks_allowed) { return !working_ && ++idle_ticks_ > ticks_allowed; }

 protected:
  void touch() { idle_ticks_ = 0; }
  // While a worker has the request, it is not the client who is slow.
  void set_working(bool working) { working_ = working; }

 private:
  unsigned idle_ticks_ = 0;
  bool working_ = false;
};

// What all sessions of one I/O thread share; used on that thread only.
struct SessionContext {
  Handler& handler;
  net::thread_pool& workers;
  const std::function<void(std::string_view)>& log;
  std::set<SessionBase*> live = {};
};

template <class Stream>
class Session final : public SessionBase, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, SessionContext& context) : stream_(std::move(stream)), context_(context) {
    context_.live.insert(this);
  }
  ~Session() override { context_.live.erase(this); }

  void start() {
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
    error_code ignored;
    socket().close(ignored);
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  static constexpr std::size_t kBodyBuffer = 256 * 1024;
  static constexpr std::size_t kHeaderLimit = 32 * 1024;
  static constexpr std::size_t kSendfileTurn = 1 << 20;  // then other connections get theirs
  static constexpr std::uint64_t kDrainLimit = 64 * 1024;

  Socket& socket() {
    if constexpr (kTls)
      return stream_.next_layer();
    else
      return stream_;
  }

  // ---- receiving -------------------------------------------------------------------------------

  void read_head() {
    parser_.emplace();
    parser_->header_limit(kHeaderLimit);
    parser_->body_limit(boost::none);
    exchange_.reset();
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code failed, std::size_t) {
                              self->on_head(failed);
                            });
  }

  void on_head(error_code failed) {
    touch();
    if (failed) return on_bad_head(failed);
    keep_alive_ = parser_->get().keep_alive() ? KeepAlive::kYes : KeepAlive::kNo;
    is_head_ = parser_->get().method() == http::verb::head;
    if (!make_request_head()) {
      keep_alive_ = KeepAlive::kNo;
      return respond(error_response(400, "NAME_INVALID", "Malformed request target"));
    }
    if (std::optional<Response> now = answer_now()) return on_begun(*std::move(now));
    on_worker([this] { return context_.handler.begin(head_); },
              [this](Begun begun) { on_begun(std::move(begun)); });
  }

  // A failure here must not end the thread that all connections share.
  std::optional<Response> answer_now() noexcept {
    try {
      return context_.handler.answer_now(head_);
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

  // From Beast's request to ours; false for a target that is no path.
  bool make_request_head() {
    const auto& request = parser_->get();
    const boost::urls::string_view text(request.target().data(), request.target().size());
    auto target = boost::urls::parse_origin_form(text);
    if (!target) target = boost::urls::parse_absolute_uri(text);  // RFC 9112, 3.2.2
    if (!target) return false;
    head_ = {};
    head_.method = request.method_string();
    head_.path = target->path();
    for (const auto& parameter : target->params())
      head_.query.emplace_back(parameter.key, parameter.value);
    for (const auto& field : request)
      head_.headers.emplace_back(field.name_string(), field.value());
    if (const auto length = parser_->content_length()) head_.content_length = *length;
    return true;
  }

  void on_begun(Begun begun) {
    const bool expects_continue =
        boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
    if (auto* response = std::get_if<Response>(&begun))
      return answer_early(std::move(*response), expects_continue);
    exchange_ = std::get<std::unique_ptr<Exchange>>(std::move(begun));
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
    if (parser_->is_done()) return respond(std::move(response));
    const auto left = parser_->content_length_remaining();
    if (!expects_continue && left && *left <= kDrainLimit) {
      exchange_ = std::make_unique<Dropped>(std::move(response));
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

  void read_body() {
    if (parser_->is_done()) return finish_exchange();
    if (body_.empty()) body_.resize(kBodyBuffer);
    parser_->get().body().data = body_.data();
    parser_->get().body().size = body_.size();
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       self->on_body(failed);
                     });
  }

  void on_body(error_code failed) {
    touch();
    if (failed && failed != http::error::need_buffer) {
      // What has arrived is kept, so that the client can resume behind it.
      const std::size_t got = body_.size() - parser_->get().body().size;
      if (is_malformed(failed)) return answer_broken(malformed());
      if (got > 0) hand_over(got, [] {});
      return;
    }
    hand_over(body_.size() - parser_->get().body().size, [this] { read_body(); });
  }

  template <class Next>
  void hand_over(std::size_t size, Next next) {
    on_worker(
        [this, size] {
          exchange_->on_body(std::span(body_).first(size));
          return Response{};
        },
        [next](Begun) { next(); });
  }

  void finish_exchange() {
    on_worker([this] { return exchange_->finish(); },
              [this](Begun begun) {
                exchange_.reset();
                respond(std::get<Response>(std::move(begun)));
              });
  }

  // Runs `work` on a worker and `then` with its result here. The session stays alive meanwhile.
  template <class Work, class Then>
  void on_worker(Work work, Then then) {
    set_working(true);
    net::post(context_.workers, [self = this->shared_from_this(), work, then]() mutable {
      auto done = std::make_shared<Begun>();
      bool broken = false;
      try {
        *done = work();
      } catch (const std::exception& failure) {
        if (self->context_.log) self->context_.log(failure.what());
        *done = error_response(500, "UNKNOWN", "The registry failed; its log says why");
        broken = true;
      }
      Session& session = *self;
      net::post(session.socket().get_executor(),
                [self = std::move(self), done, then, broken]() mutable {
                  self->touch();
                  self->set_working(false);
                  if (broken) return self->answer_broken(std::get<Response>(std::move(*done)));
                  then(std::move(*done));
                });
    });
  }

  static Response malformed() { return error_response(400, "UNSUPPORTED", "Malformed request"); }

  void answer_broken(Response response) {
    exchange_.reset();
    keep_alive_ = KeepAlive::kNo;
    respond(std::move(response));
  }

  // ---- sending ---------------------------------------------------------------------------------

  void respond(Response response) {
    response_ = std::move(response);
    if (response_.break_after && *response_.break_after < 0) return close();
    out_ = response_head(response_, keep_alive_);
    std::array<net::const_buffer, 2> buffers{net::buffer(out_), net::const_buffer{}};
    if (!is_head_) buffers[1] = body_in_memory();
    net::async_write(stream_, buffers,
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       if (failed) return;
                       self->touch();
                       self->on_head_sent();
                     });
  }

  net::const_buffer body_in_memory() {
    std::string_view body;
    if (const auto* text = std::get_if<std::string>(&response_.body))
      body = *text;
    else if (const auto* memory = std::get_if<MemoryRange>(&response_.body))
      body = std::string_view(*memory->bytes).substr(memory->offset, memory->length);
    if (response_.break_after)
      body = body.substr(0, static_cast<std::size_t>(*response_.break_after));
    return net::buffer(body);
  }

  void on_head_sent() {
    auto* file = std::get_if<FileRange>(&response_.body);
    if (file == nullptr || is_head_) return on_sent();
    file_offset_ = file->offset;
    file_end_ = file->offset + file->length;
    if (response_.break_after)
      file_end_ =
          std::min(file_end_, file_offset_ + static_cast<std::uint64_t>(*response_.break_after));
    if constexpr (kTls) {
      send_file_through_memory();
    } else {
      error_code failed;
      stream_.native_non_blocking(true, failed);
      send_file();
    }
  }

  void send_file() {
    const int fd = std::get<FileRange>(response_.body).file->get();
    std::size_t turn = 0;
    while (file_offset_ < file_end_ && turn < kSendfileTurn) {
      auto offset = static_cast<off_t>(file_offset_);
      const ssize_t n = ::sendfile(socket().native_handle(), fd, &offset,
                                   static_cast<std::size_t>(std::min<std::uint64_t>(
                                       file_end_ - file_offset_, kSendfileTurn)));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) return close();  // the client is gone, or the file became shorter
      file_offset_ += static_cast<std::uint64_t>(n);
      turn += static_cast<std::size_t>(n);
    }
    if (turn > 0) touch();
    if (file_offset_ == file_end_) return on_sent();
    socket().async_wait(Socket::wait_write, [self = this->shared_from_this()](error_code failed) {
      if (!failed) self->send_file();
    });
  }

  void send_file_through_memory() {
    if (file_offset_ == file_end_) return on_sent();
    if (body_.empty()) body_.resize(kBodyBuffer);
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(file_end_ - file_offset_, body_.size()));
    std::size_t got = 0;
    try {
      got = read_at(std::get<FileRange>(response_.body).file->get(), std::span(body_).first(want),
                    file_offset_);
    } catch (const Error&) {
    }
    if (got == 0) return close();
    file_offset_ += got;
    net::async_write(stream_, net::buffer(body_.data(), got),
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       if (failed) return;
                       self->touch();
                       self->send_file_through_memory();
                     });
  }

  void on_sent() {
    if (response_.break_after) return close();
    const bool ends = keep_alive_ == KeepAlive::kNo || !parser_->is_done();
    response_ = {};
    if (!ends) return read_head();
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    drop_until_closed();
  }

  // Closing with unread bytes would reset the connection and could take the response with it.
  void drop_until_closed() {
    if (body_.empty()) body_.resize(kBodyBuffer);
    socket().async_read_some(net::buffer(body_),
                             [self = this->shared_from_this()](error_code failed, std::size_t) {
                               if (!failed) self->drop_until_closed();
                             });
  }

  Stream stream_;
  SessionContext& context_;
  boost::beast::flat_buffer buffer_{kHeaderLimit + kBodyBuffer};
  std::optional<http::request_parser<http::buffer_body>> parser_;
  RequestHead head_;
  KeepAlive keep_alive_ = KeepAlive::kYes;
  bool is_head_ = false;
  std::unique_ptr<Exchange> exchange_;
  std::vector<std::byte> body_;  // allocated when the connection first moves a body
  Response response_;
  std::string out_;
  std::uint64_t file_offset_ = 0;
  std::uint64_t file_end_ = 0;
};

}  // namespace tote::testregistry

#include "transport/curl_exchange.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/curl_errors.h"
#include "transport/url.h"

#include <algorithm>

namespace tote::transport {
namespace {

constexpr curl_off_t kMaxRetryAfter = 86'400;
constexpr int kPollMilliseconds = 500;

}  // namespace

CurlExchange::CurlExchange(std::shared_ptr<CurlState> state, const Request& request,
                           std::stop_token stop)
    : state_(std::move(state)),
      request_(request),
      stop_(std::move(stop)),
      origin_(origin_of(request.url)),
      connection_(state_->connections.take(origin_)),
      outgoing_(request.body.is_small() ? Body() : request.body) {
  wake_on_stop_.emplace(stop_, Wake{multi()});
  set(easy(), CURLOPT_SHARE, state_->connections.share());
  set(easy(), CURLOPT_ERRORBUFFER, error_text_.data());
  transfer_options_.apply(easy(), request_, state_->options, state_->authorities);
  set_callbacks();
  check(curl_multi_add_handle(multi(), easy()));
}

CurlExchange::~CurlExchange() {
  wake_on_stop_.reset();                      // before the connection can be another's
  curl_multi_remove_handle(multi(), easy());  // closes a connection that is not done
  if (!is_sound_) return;  // libcurl does not take every option again after a failure
  curl_easy_reset(easy());
  state_->connections.give_back(origin_, std::move(connection_));
}

void CurlExchange::set_callbacks() {
  set(easy(), CURLOPT_WRITEFUNCTION, &CurlExchange::on_write);
  set(easy(), CURLOPT_WRITEDATA, this);
  set(easy(), CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  set(easy(), CURLOPT_HEADERDATA, this);
  set(easy(), CURLOPT_READFUNCTION, &CurlExchange::on_read);
  set(easy(), CURLOPT_READDATA, this);
  set(easy(), CURLOPT_SEEKFUNCTION, &CurlExchange::on_seek);
  set(easy(), CURLOPT_SEEKDATA, this);
  if (!request_.stays_nearby) return;
  set(easy(), CURLOPT_PREREQFUNCTION, &CurlExchange::on_connected);
  set(easy(), CURLOPT_PREREQDATA, this);
}

void CurlExchange::read_head() {
  drive([this] { return head_complete_; });
  outgoing_.give_up();
}

int CurlExchange::status() const {
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

std::chrono::seconds CurlExchange::retry_after() const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy(), CURLINFO_RETRY_AFTER, &seconds);
  return std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, kMaxRetryAfter));
}

std::size_t CurlExchange::read_some(MutableBytes out) {
  if (const std::size_t held = incoming_.take(out); held > 0) return held;
  if (broken_) std::rethrow_exception(broken_);
  if (done_) return 0;
  incoming_.expect(out);
  // Not under a condition: unpausing a transfer that runs does nothing.
  curl_easy_pause(easy(), CURLPAUSE_CONT);
  try {
    drive([this] { return incoming_.filled() > 0; });
  } catch (const Error&) {
    // What came before the break is good, and a resume begins behind it.
    if (incoming_.filled() == 0) throw;
    broken_ = std::current_exception();
  }
  return incoming_.stop_expecting();
}

// Until `enough()` or the transfer is over.
template <class Enough>
void CurlExchange::drive(Enough enough) {
  waiting_since_ = std::chrono::steady_clock::now();
  is_sound_ = false;
  for (;;) {
    int running = 0;
    check(curl_multi_perform(multi(), &running));
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (stop_.stop_requested()) throw Cancelled();
    if (running == 0) finish();
    is_sound_ = done_ || enough();
    if (is_sound_) return;
    check_header_timeout();
    check(curl_multi_poll(multi(), nullptr, 0, kPollMilliseconds, nullptr));
  }
}

void CurlExchange::finish() {
  done_ = true;
  head_complete_ = true;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi(), &left))
    if (message->msg == CURLMSG_DONE && message->data.result != CURLE_OK)
      throw transfer_error(request_, message->data.result, error_text_.data(),
                           state_->options.authorities);
}

// Time counts from the moment when everything is sent.
void CurlExchange::check_header_timeout() {
  if (head_complete_ || outgoing_.unsent() > 0) return;
  curl_off_t connected = 0;
  curl_easy_getinfo(easy(), CURLINFO_PRETRANSFER_TIME_T, &connected);
  const auto now = std::chrono::steady_clock::now();
  if (connected == 0) waiting_since_ = now;
  if (now - waiting_since_ >= state_->options.response_header_timeout)
    throw slow_answer_error(request_);
}

// ---- called by libcurl -----------------------------------------------------------------------

std::size_t CurlExchange::on_header(char* data, std::size_t, std::size_t size,
                                    void* self) noexcept {
  auto& me = *static_cast<CurlExchange*>(self);
  return me.guard(0, [&] {
    const std::string_view line = trim(std::string_view(data, size));
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/"))
      me.fields_.clear();  // a 100 came before
    else if (colon != std::string_view::npos)
      me.fields_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    return size;
  });
}

// Before the first byte of the request: what a name stands for is known only now.
int CurlExchange::on_connected(void* self, char* address, char*, int, int) noexcept {
  auto& me = *static_cast<CurlExchange*>(self);
  return static_cast<int>(me.guard(CURL_PREREQFUNC_ABORT, [&]() -> std::size_t {
    if (!is_nearby_address(address)) throw far_address_error(me.request_, address);
    return CURL_PREREQFUNC_OK;
  }));
}

// Bytes go straight to the reader; while there is none, curl is held back.
std::size_t CurlExchange::on_write(char* data, std::size_t, std::size_t size, void* self) noexcept {
  auto& me = *static_cast<CurlExchange*>(self);
  return me.guard(0, [&] {
    me.head_complete_ = true;
    const bool taken = me.incoming_.offer(as_bytes(std::string_view(data, size)));
    return taken ? size : static_cast<std::size_t>(CURL_WRITEFUNC_PAUSE);
  });
}

std::size_t CurlExchange::on_read(char* data, std::size_t, std::size_t size, void* self) noexcept {
  auto& me = *static_cast<CurlExchange*>(self);
  return me.guard(CURL_READFUNC_ABORT, [&] {
    me.waiting_since_ = std::chrono::steady_clock::now();
    // A server that answers before it has read everything gets no more of it.
    const auto n = me.outgoing_.read(std::as_writable_bytes(std::span(data, size)));
    return n.value_or(CURL_READFUNC_ABORT);
  });
}

// curl sends a request again when a connection turns out to be dead.
int CurlExchange::on_seek(void* self, curl_off_t offset, int origin) noexcept {
  const bool to_start = offset == 0 && origin == SEEK_SET;
  return to_start && static_cast<CurlExchange*>(self)->outgoing_.rewind() ? CURL_SEEKFUNC_OK
                                                                          : CURL_SEEKFUNC_FAIL;
}

// Exceptions must not cross C; drive() throws them again.
template <class Body>
std::size_t CurlExchange::guard(std::size_t on_failure, Body body) noexcept {
  try {
    if (stop_.stop_requested()) throw Cancelled();
    return body();
  } catch (...) {
    failure_ = std::current_exception();
    return on_failure;
  }
}

}  // namespace tote::transport

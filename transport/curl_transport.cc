#include "transport/curl_transport.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <optional>

namespace tote::transport {
namespace {

constexpr long kConnectTimeoutSeconds = 30;
constexpr long kStallSeconds = 60;  // fewer bytes a second for so long is a dead or hostile peer
constexpr long kStallBytes = 64;
constexpr curl_off_t kMaxRetryAfter = 86'400;
constexpr std::size_t kMaxIdleConnections = 64;
constexpr long kBufferSize = 256L * 1024;
constexpr int kPollMilliseconds = 500;

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};
using UniqueEasy = std::unique_ptr<CURL, Release<curl_easy_cleanup>>;
using UniqueMulti = std::unique_ptr<CURLM, Release<curl_multi_cleanup>>;
using UniqueShare = std::unique_ptr<CURLSH, Release<curl_share_cleanup>>;
using UniqueList = std::unique_ptr<curl_slist, Release<curl_slist_free_all>>;

// "GET" as Go's errors name it: "Get".
std::string title_case(const std::string& method) {
  return method.substr(0, 1) + to_lower(method).substr(1);
}

// A sentence of libcurl's behind ours: "failed to connect", but "SSL certificate problem".
std::string continued(std::string text) {
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z') text[0] = to_lower(text.substr(0, 1))[0];
  return text;
}

// What may go better the next time. Certificates, URLs and redirects do not.
bool is_passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_SEND_FAIL_REWIND:  // an idle connection that the server closed as we used it
      return true;
    default:
      return false;
  }
}

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
    throw Error(ErrorKind::kInternal,
                fmt::format("libcurl refused option {}: {}", static_cast<int>(option),
                            curl_easy_strerror(code)));
}

std::string authorities_hint(const SystemAuthorities& system) {
  if (system.looked_for.empty())
    return "if the server's certificate is of an authority of your own, name the authority's file "
           "with --registry-ca-cert-path";
  return fmt::format(
      "there are no certificates of authorities on this machine (looked for {}): name a file of "
      "them with SSL_CERT_FILE or --registry-ca-cert-path",
      fmt::join(system.looked_for, ", "));
}

}  // namespace

// A transfer handle with the multi handle that drives it and that holds its live connections.
struct Connection {
  // In this order: the easy handle has to go first.
  UniqueMulti multi{curl_multi_init()};
  UniqueEasy easy{curl_easy_init()};
};

class CurlTransport::Pool {
 public:
  explicit Pool(CurlOptions options) : options_(std::move(options)) {
    static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    share_.reset(curl_share_init());
    if (kInitialised != CURLE_OK || !share_)
      throw Error(ErrorKind::kInternal, "libcurl could not be initialised");
    // Sharing live connections between threads does not work well in libcurl; names and TLS
    // sessions do.
    curl_share_setopt(share_.get(), CURLSHOPT_LOCKFUNC, &Pool::on_lock);
    curl_share_setopt(share_.get(), CURLSHOPT_UNLOCKFUNC, &Pool::on_unlock);
    curl_share_setopt(share_.get(), CURLSHOPT_USERDATA, this);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }

  const CurlOptions& options() const { return options_; }
  CURLSH* share() const { return share_.get(); }

  std::unique_ptr<Connection> take(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(free_.rbegin(), free_.rend(),
                                    [&](const Idle& idle) { return idle.origin == origin; });
    if (found == free_.rend()) return std::make_unique<Connection>();
    std::unique_ptr<Connection> connection = std::move(found->connection);
    free_.erase(std::next(found).base());
    return connection;
  }

  void give_back(const std::string& origin, std::unique_ptr<Connection> connection) noexcept {
    try {
      const std::lock_guard lock(mutex_);
      free_.push_back({origin, std::move(connection)});
      if (free_.size() > kMaxIdleConnections) free_.pop_front();
    } catch (const std::bad_alloc&) {
      // Then it is closed instead of kept.
    }
  }

 private:
  static void on_lock(CURL*, curl_lock_data data, curl_lock_access, void* self) {
    static_cast<Pool*>(self)->share_locks_[data].lock();
  }
  static void on_unlock(CURL*, curl_lock_data data, void* self) {
    static_cast<Pool*>(self)->share_locks_[data].unlock();
  }

  CurlOptions options_;
  std::array<std::mutex, CURL_LOCK_DATA_LAST> share_locks_;
  UniqueShare share_;
  std::mutex mutex_;
  struct Idle {
    std::string origin;
    std::unique_ptr<Connection> connection;
  };
  std::deque<Idle> free_;  // last used at the back; guarded by mutex_; gone before share_
};

// Neither movable nor copyable: libcurl keeps its address.
class CurlTransport::CurlReply final : public Reply {
 public:
  CurlReply(std::shared_ptr<Pool> pool, const Request& request, std::stop_token stop)
      : pool_(std::move(pool)),
        request_(request),
        stop_(std::move(stop)),
        origin_(origin_of(request.url)),
        connection_(pool_->take(origin_)) {
    wake_on_stop_.emplace(stop_, Wake{multi()});
    configure();
    check(curl_multi_add_handle(multi(), easy()));
    drive([this] { return head_complete_; });
    take_head();
    request_.body_source = nullptr;  // not ours any more
  }

  ~CurlReply() override {
    wake_on_stop_.reset();                      // before the connection can be another's
    curl_multi_remove_handle(multi(), easy());  // closes a connection that is not done
    curl_easy_reset(easy());
    pool_->give_back(origin_, std::move(connection_));
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (const std::size_t held = take_overflow(out); held > 0) return held;
    if (broken_) std::rethrow_exception(broken_);
    if (done_) return 0;
    out_ = out;
    filled_ = 0;
    // Not under a condition: unpausing a transfer that runs does nothing.
    curl_easy_pause(easy(), CURLPAUSE_CONT);
    try {
      drive([this] { return filled_ > 0; });
    } catch (const Error&) {
      // What came before the break is good, and a resume begins behind it.
      if (filled_ == 0) throw;
      broken_ = std::current_exception();
    }
    out_ = {};
    return filled_;
  }

 private:
  struct Wake {
    CURLM* multi;
    void operator()() const noexcept { curl_multi_wakeup(multi); }
  };

  CURL* easy() const { return connection_->easy.get(); }
  CURLM* multi() const { return connection_->multi.get(); }

  // ---- setting up ------------------------------------------------------------------------------

  void configure() {
    const CurlOptions& options = pool_->options();
    set(easy(), CURLOPT_URL, request_.url.c_str());
    set(easy(), CURLOPT_PATH_AS_IS, 1L);
    set(easy(), CURLOPT_SHARE, pool_->share());
    set(easy(), CURLOPT_NOSIGNAL, 1L);
    set(easy(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(easy(), CURLOPT_USERAGENT, options.user_agent.c_str());
    set(easy(), CURLOPT_ERRORBUFFER, error_text_.data());
    set(easy(), CURLOPT_CONNECTTIMEOUT, kConnectTimeoutSeconds);
    set(easy(), CURLOPT_LOW_SPEED_LIMIT, kStallBytes);
    set(easy(), CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    set(easy(), CURLOPT_BUFFERSIZE, kBufferSize);
    set(easy(), CURLOPT_PROTOCOLS_STR, "http,https");
    if (request_.stays_nearby || is_loopback(host_of(request_.url))) set(easy(), CURLOPT_PROXY, "");
    configure_tls(options);
    configure_method();
    configure_headers();
    configure_callbacks();
  }

  void configure_tls(const CurlOptions& options) {
    if (options.verify == VerifyCertificates::kNo) {
      set(easy(), CURLOPT_SSL_VERIFYPEER, 0L);
      set(easy(), CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (origin_.starts_with("https://") && options.certificates_of)
      certificates_ = options.certificates_of(origin_);
    configure_authorities(options);
    const bool has_own = !certificates_.client.certificate.empty();
    if (!has_own && request_.shows_certificate) certificates_.client = options.client;
    if (certificates_.client.certificate.empty()) return;
    set_blob(CURLOPT_SSLCERT_BLOB, certificates_.client.certificate);
    set_blob(CURLOPT_SSLKEY_BLOB, certificates_.client.key);
    set(easy(), CURLOPT_KEYPASSWD, "");  // a key with a password is an error, not a question
  }

  void configure_authorities(const CurlOptions& options) {
    const auto& [file, directory, looked_for] = options.authorities;
    if (!directory.empty()) set(easy(), CURLOPT_CAPATH, directory.c_str());
    const std::string& pem =
        certificates_.authorities.empty() ? options.extra_ca_pem : certificates_.authorities;
    // Takes the place of the system's bundle file only; its directory still counts.
    if (!pem.empty())
      set_blob(CURLOPT_CAINFO_BLOB, pem);
    else if (!file.empty())
      set(easy(), CURLOPT_CAINFO, file.c_str());
  }

  // `pem` has to live as long as the transfer.
  void set_blob(CURLoption option, const std::string& pem) {
    curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
    set(easy(), option, &blob);
  }

  void configure_method() {
    if (request_.method == "HEAD" || request_.method == "GET") {
      set(easy(), CURLOPT_NOBODY, request_.method == "HEAD" ? 1L : 0L);
      return;
    }
    set(easy(), CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    set(easy(), CURLOPT_UPLOAD, 1L);
    const std::uint64_t size =
        request_.body_source != nullptr ? request_.body_source_size : request_.body.size();
    set(easy(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    set(easy(), CURLOPT_UPLOAD_BUFFERSIZE, kBufferSize);
    text_body_.emplace(std::string_view(request_.body));
    unsent_ = size;
  }

  void configure_headers() {
    for (const auto& [name, value] : request_.headers) append_header(name + ": " + value);
    // For a body at hand, being asked to send it would only cost a round trip.
    if (request_.body_source == nullptr) append_header("Expect:");
    set(easy(), CURLOPT_HTTPHEADER, header_list_.get());
  }

  void append_header(const std::string& line) {
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      throw Error(ErrorKind::kInternal, "a header would hold a line break");
    curl_slist* longer = curl_slist_append(header_list_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(header_list_.release());  // it is the head of the longer one
    header_list_.reset(longer);
  }

  void configure_callbacks() {
    set(easy(), CURLOPT_WRITEFUNCTION, &CurlReply::on_write);
    set(easy(), CURLOPT_WRITEDATA, this);
    set(easy(), CURLOPT_HEADERFUNCTION, &CurlReply::on_header);
    set(easy(), CURLOPT_HEADERDATA, this);
    set(easy(), CURLOPT_READFUNCTION, &CurlReply::on_read);
    set(easy(), CURLOPT_READDATA, this);
    set(easy(), CURLOPT_SEEKFUNCTION, &CurlReply::on_seek);
    set(easy(), CURLOPT_SEEKDATA, this);
    if (!request_.stays_nearby) return;
    set(easy(), CURLOPT_PREREQFUNCTION, &CurlReply::on_connected);
    set(easy(), CURLOPT_PREREQDATA, this);
  }

  // ---- driving ---------------------------------------------------------------------------------

  // Until `enough()` or the transfer is over.
  template <class Enough>
  void drive(Enough enough) {
    waiting_since_ = std::chrono::steady_clock::now();
    for (;;) {
      int running = 0;
      check(curl_multi_perform(multi(), &running));
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
      if (stop_.stop_requested()) throw Cancelled();
      if (running == 0) return finish();
      if (enough()) return;
      check_header_timeout();
      check(curl_multi_poll(multi(), nullptr, 0, kPollMilliseconds, nullptr));
    }
  }

  static void check(CURLMcode code) {
    if (code != CURLM_OK)
      throw Error(ErrorKind::kInternal, fmt::format("libcurl: {}", curl_multi_strerror(code)));
  }

  void finish() {
    done_ = true;
    head_complete_ = true;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi(), &left))
      if (message->msg == CURLMSG_DONE && message->data.result != CURLE_OK)
        fail(message->data.result);
  }

  [[noreturn]] void fail(CURLcode code) {
    const char* text = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
    Error error(ErrorKind::kTransport,
                fmt::format("{} \"{}\": {}", title_case(request_.method), redact_url(request_.url),
                            continued(text)),
                is_passing(code) ? Retry::kYes : Retry::kNo);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
      error.with_hint(authorities_hint(pool_->options().authorities));
    throw error;
  }

  // Time counts from the moment when everything is sent. Not retried, as in imgpkg: a server that
  // takes so long is at work on the request.
  void check_header_timeout() {
    if (head_complete_ || unsent_ > 0) return;
    curl_off_t connected = 0;
    curl_easy_getinfo(easy(), CURLINFO_PRETRANSFER_TIME_T, &connected);
    const auto now = std::chrono::steady_clock::now();
    if (connected == 0) waiting_since_ = now;
    if (now - waiting_since_ < pool_->options().response_header_timeout) return;
    throw Error(ErrorKind::kTransport,
                fmt::format("{} \"{}\": timeout awaiting response headers",
                            title_case(request_.method), redact_url(request_.url)))
        .with_hint("a longer time can be given with --registry-response-header-timeout");
  }

  void take_head() {
    long status = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    status_ = static_cast<int>(status);
    url_ = request_.url;
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy(), CURLINFO_RETRY_AFTER, &seconds);
    if (header("Retry-After"))
      retry_after_ = std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, kMaxRetryAfter));
  }

  // ---- called by libcurl -----------------------------------------------------------------------

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    return static_cast<CurlReply*>(self)->guard(0, [&](CurlReply& me) {
      const std::string_view line = trim(std::string_view(data, size));
      const std::size_t colon = line.find(':');
      if (line.starts_with("HTTP/"))
        me.headers_.clear();  // a 100 came before
      else if (colon != std::string_view::npos)
        me.headers_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
      return size;
    });
  }

  // Before the first byte of the request: what a name stands for is known only now.
  static int on_connected(void* self, char* address, char*, int, int) noexcept {
    return static_cast<int>(static_cast<CurlReply*>(self)->guard(
        CURL_PREREQFUNC_ABORT, [&](CurlReply& me) -> std::size_t {
          if (is_nearby_address(address)) return CURL_PREREQFUNC_OK;
          throw Error(
              ErrorKind::kUnauthorized,
              fmt::format("{} \"{}\": credentials are not sent there, since the connection is not "
                          "encrypted and leads to '{}', which is no private address",
                          title_case(me.request_.method), redact_url(me.request_.url), address));
        }));
  }

  // Bytes go straight to the reader; what does not fit waits, and curl is held back meanwhile.
  static std::size_t on_write(char* data, std::size_t, std::size_t size, void* self) noexcept {
    return static_cast<CurlReply*>(self)->guard(0, [&](CurlReply& me) -> std::size_t {
      me.head_complete_ = true;
      if (me.filled_ == me.out_.size()) return CURL_WRITEFUNC_PAUSE;
      const std::size_t fits = std::min(size, me.out_.size() - me.filled_);
      std::memcpy(me.out_.data() + me.filled_, data, fits);
      me.filled_ += fits;
      me.overflow_.assign(data + fits, size - fits);
      me.overflow_read_ = 0;
      return size;
    });
  }

  static std::size_t on_read(char* data, std::size_t, std::size_t size, void* self) noexcept {
    return static_cast<CurlReply*>(self)->guard(CURL_READFUNC_ABORT, [&](CurlReply& me) {
      me.waiting_since_ = std::chrono::steady_clock::now();
      const bool from_source = me.request_.body_source_size > 0;
      // A server that answers before it has read everything gets no more of it.
      if (from_source && me.request_.body_source == nullptr)
        return static_cast<std::size_t>(CURL_READFUNC_ABORT);
      Source& body = from_source ? *me.request_.body_source : static_cast<Source&>(*me.text_body_);
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(size, me.unsent_));
      if (want == 0) return std::size_t{0};
      const std::size_t n = body.read_some(std::as_writable_bytes(std::span(data, want)));
      if (n == 0)
        throw Error(ErrorKind::kInternal, "a request body is shorter than it was said to be");
      me.unsent_ -= n;
      return n;
    });
  }

  // curl sends a request again when a connection turns out to be dead; only a body at hand can be.
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept {
    auto* me = static_cast<CurlReply*>(self);
    if (me->request_.body_source_size > 0 || offset != 0 || origin != SEEK_SET)
      return CURL_SEEKFUNC_FAIL;
    me->text_body_.emplace(std::string_view(me->request_.body));
    me->unsent_ = me->request_.body.size();
    return CURL_SEEKFUNC_OK;
  }

  // Exceptions must not cross C; drive() throws them again.
  template <class Body>
  std::size_t guard(std::size_t on_failure, Body body) noexcept {
    try {
      if (stop_.stop_requested()) throw Cancelled();
      return body(*this);
    } catch (...) {
      failure_ = std::current_exception();
      return on_failure;
    }
  }

  std::size_t take_overflow(MutableBytes out) {
    const std::size_t n = std::min(out.size(), overflow_.size() - overflow_read_);
    if (n > 0) std::memcpy(out.data(), overflow_.data() + overflow_read_, n);
    overflow_read_ += n;
    return n;
  }

  std::shared_ptr<Pool> pool_;
  Request request_;
  std::stop_token stop_;
  std::string origin_;
  HostCertificates certificates_;  // before the connection, which points into it
  std::unique_ptr<Connection> connection_;
  UniqueList header_list_;
  std::optional<BytesSource> text_body_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::exception_ptr failure_;  // of a callback
  std::exception_ptr broken_;   // what ended the transfer after the bytes that were handed out
  std::chrono::steady_clock::time_point waiting_since_;
  std::uint64_t unsent_ = 0;
  bool head_complete_ = false;
  bool done_ = false;
  MutableBytes out_;
  std::size_t filled_ = 0;
  std::string overflow_;
  std::size_t overflow_read_ = 0;
  std::optional<std::stop_callback<Wake>> wake_on_stop_;
};

std::vector<std::string> curl_features() {
  std::vector<std::string> features;
  const int found = curl_version_info(CURLVERSION_NOW)->features;
  if ((found & CURL_VERSION_HTTP2) != 0) features.emplace_back("http2");
  if ((found & CURL_VERSION_SSL) != 0) features.emplace_back("https");
  if ((found & CURL_VERSION_IPV6) != 0) features.emplace_back("ipv6");
  return features;
}

CurlTransport::CurlTransport(CurlOptions options)
    : pool_(std::make_shared<Pool>(std::move(options))) {}
CurlTransport::~CurlTransport() = default;

std::unique_ptr<Reply> CurlTransport::open(const Request& request, std::stop_token stop) {
  return std::make_unique<CurlReply>(pool_, request, std::move(stop));
}

}  // namespace tote::transport

// The handles of libcurl as owners, and its results as exceptions. For the other curl_*.cc files of
// this folder only.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

namespace tote::transport {

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

// Error{kInternal} for what is not CURLE_OK: an option that libcurl does not take.
void check_option(CURLoption option, CURLcode code);
// Error{kInternal}
void check(CURLMcode code);

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  check_option(option, curl_easy_setopt(easy, option, value));
}

// `pem` has to live as long as the transfer.
void set_blob(CURL* easy, CURLoption option, const std::string& pem);

// std::bad_alloc; the list is as it was then.
void append(UniqueList& list, const std::string& line);

}  // namespace tote::transport

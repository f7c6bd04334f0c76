#include "transport/curl_handles.h"

#include "base/error.h"

#include <fmt/format.h>

#include <new>

namespace tote::transport {

void check_option(CURLoption option, CURLcode code) {
  if (code == CURLE_OK) return;
  throw Error(ErrorKind::kInternal,
              fmt::format("libcurl refused option {}: {}", static_cast<int>(option),
                          curl_easy_strerror(code)));
}

void check(CURLMcode code) {
  if (code != CURLM_OK)
    throw Error(ErrorKind::kInternal, fmt::format("libcurl: {}", curl_multi_strerror(code)));
}

void set_blob(CURL* easy, CURLoption option, const std::string& pem) {
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_NOCOPY};
  set(easy, option, &blob);
}

void append(UniqueList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());  // it is the head of the longer one
  list.reset(longer);
}

}  // namespace tote::transport

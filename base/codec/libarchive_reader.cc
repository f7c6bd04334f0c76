#include "base/codec/libarchive_reader.h"

#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace tote {

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

LibarchiveReader::LibarchiveReader(ArchiveFeed& feed) : feed_(feed), archive_(archive_read_new()) {}

LibarchiveReader::~LibarchiveReader() {
  archive_read_free(archive_);
}

void LibarchiveReader::open() {
  archive_read_set_read_callback(archive_, &LibarchiveReader::on_read);
  archive_read_set_skip_callback(archive_, &LibarchiveReader::on_skip);
  archive_read_set_callback_data(archive_, this);
  check(archive_read_open1(archive_));
}

std::size_t LibarchiveReader::read_data(MutableBytes out) {
  const la_ssize_t n = archive_read_data(archive_, out.data(), out.size());
  if (n < 0) check(static_cast<int>(n));
  return static_cast<std::size_t>(n);
}

void LibarchiveReader::check(int result) {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (result == ARCHIVE_OK) return;
  throw Error(ErrorKind::kParse,
              fmt::format("reading tar: {}", text_or_empty(archive_error_string(archive_))));
}

bool LibarchiveReader::next_header(::archive_entry** entry) {
  const int result = archive_read_next_header(archive_, entry);
  if (result == ARCHIVE_EOF) return false;
  const std::string_view text = result == ARCHIVE_WARN ? archive_error_string(archive_) : "";
  if (failure_ || !text.ends_with("can't be converted from UTF-8 to current locale."))
    check(result);
  return true;
}

template <class Call>
std::int64_t LibarchiveReader::guarded(struct ::archive* archive, LibarchiveReader& me,
                                       Call call) noexcept {
  try {
    return static_cast<std::int64_t>(call());
  } catch (...) {
    me.failure_ = std::current_exception();
    archive_set_error(archive, 0, "reading failed");
    return -1;
  }
}

ssize_t LibarchiveReader::on_read(struct ::archive* archive, void* self,
                                  const void** out) noexcept {
  auto& me = *static_cast<LibarchiveReader*>(self);
  return guarded(archive, me, [&] {
    const ConstBytes bytes = me.feed_.read();
    *out = bytes.data();
    return bytes.size();
  });
}

std::int64_t LibarchiveReader::on_skip(struct ::archive* archive, void* self,
                                       std::int64_t bytes) noexcept {
  auto& me = *static_cast<LibarchiveReader*>(self);
  return guarded(archive, me, [&] { return me.feed_.skip(static_cast<std::uint64_t>(bytes)); });
}

}  // namespace tote

#include "cmd/cli/ui.h"

#include "base/error.h"
#include "base/printable.h"
#include "cmd/cli/error_text.h"
#include "cmd/cli/result_template.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <ostream>

namespace tote::cmd {
namespace {

constexpr std::string_view kImgpkg = "imgpkg";

// Nor may text from elsewhere forge other rows and columns.
std::string one_cell(std::string_view text) {
  std::string out = printable(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

// Nor lines that look like our own: one that begins with "hint:" is ours.
std::string indented(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size() && text.substr(i + 1, 2) != "  ") out += "  ";
  }
  return out;
}

}  // namespace

void Ui::write(std::string_view text) {
  if (write_failure_) return;
  errno = 0;
  if (out_ << text << std::flush) return;
  write_failure_ = {errno != 0 ? errno : EIO, std::generic_category()};
}

void Ui::pad(Kind next) {
  if (last_ != Kind::kNone && (last_ != next || next == Kind::kLine)) write("\n");
  last_ = next;
}

bool Ui::is_imgpkg() const {
  return program_ == kImgpkg;
}

void Ui::log(std::string_view text) {
  if (text.empty()) return;
  if (is_collected()) json_.add_line(text);
  if (!is_terminal()) return;
  pad(Kind::kRaw);
  write(printable(text));
}

void Ui::result(std::string_view line) {
  if (mode_ != OutputMode::kPlain || is_imgpkg()) return log(line);
  write(printable(line) + "\n");
}

void Ui::own_result(std::string_view line) {
  if (!is_imgpkg()) result(line);
}

void Ui::raw(std::string_view text, const std::string& shown) {
  if (is_collected()) json_.add_block(text);
  if (mode_ == OutputMode::kJson) return;
  if (is_terminal()) pad(Kind::kRaw);
  write(shown);
}

void Ui::block(std::string_view text) {
  raw(text, printable(text));
}

void Ui::document(std::string_view text) {
  raw(text, is_terminal() ? printable(text) : std::string(text));
}

void Ui::bytes(std::string_view bytes) {
  if (is_terminal())
    throw Error(ErrorKind::kUsage, "This is not for a terminal")
        .with_hint("write it to a file, or into a pipe");
  write(bytes);
}

void Ui::now(std::string_view text) {
  write(text);
}

void Ui::table(Table table) {
  choose_columns(table, columns_);
  if (is_collected()) return json_.add_table(std::move(table));
  if (is_data()) return data(table_as_data(table));
  for (auto& row : table.rows)
    for (std::string& cell : row) cell = one_cell(cell);
  if (!is_terminal())
    return write(format_table(table, is_imgpkg() ? TableStyle::kImgpkgPlain : TableStyle::kPlain));
  pad(Kind::kLine);
  write(
      format_table(table, colour_ == Colour::kYes ? TableStyle::kColoured : TableStyle::kTerminal));
}

void Ui::data(std::string_view json) {
  if (!is_data()) return;
  if (format_) return write(printable(fill(*format_, json)) + "\n");
  write(printable_json(json));
  if (!json.ends_with('\n')) write("\n");
}

void Ui::succeeded() {
  constexpr std::string_view kSucceeded = "Succeeded";
  if (is_collected()) json_.add_line(kSucceeded);
  if (!is_terminal()) return;
  pad(Kind::kLine);
  write(std::string(kSucceeded) + "\n");
}

void Ui::finish() {
  if (is_collected()) write(json_.text());
}

void Ui::notice(std::string_view line) {
  messages_.say(fmt::format("{}: {}\n", program_, indented(printable(line))),
                EventLine("notice").member("message", line));
}

void Ui::progress(std::string_view line, EventLine event) {
  if (is_quiet_) return messages_.tell(std::move(event));
  messages_.say(fmt::format("{}: {}\n", program_, indented(printable(line))), std::move(event));
}

void Ui::announce(std::string_view line) {
  if (is_imgpkg())
    block(std::string(line) + "\n");
  else
    notice(line);
}

void Ui::debug(std::string_view message) {
  const std::time_t now = std::time(nullptr);
  messages_.say(fmt::format("{:%Y/%m/%d %H:%M:%S} {}", fmt::localtime(now), printable(message)),
                EventLine("debug").member("message", message));
}

void Ui::error(const std::vector<std::string>& frames, const std::string& hint) {
  if (last_ != Kind::kNone) write("\n");
  const std::string message = fmt::format("{}", fmt::join(frames, ": "));
  std::string text = is_imgpkg() ? printable(imgpkg_error_lines(message))
                                 : indented(printable(error_lines(frames)));
  text = fmt::format("{}: Error: {}", program_, text);
  if (colour_ == Colour::kYes) text = fmt::format("\x1b[31m{}\x1b[0m", text);
  text += '\n';
  if (!hint.empty() && !is_imgpkg()) text += fmt::format("hint: {}\n", indented(printable(hint)));
  EventLine event("error");
  event.member("message", message).member("frames", frames);
  if (!hint.empty()) event.member("hint", hint);
  messages_.say(text, std::move(event));
}

}  // namespace tote::cmd

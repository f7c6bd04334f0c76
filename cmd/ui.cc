#include "cmd/ui.h"

#include "cmd/error_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <ostream>

namespace tote::cmd {
namespace {

constexpr std::string_view kImgpkg = "imgpkg";

// Text may come from a registry or an archive: what would steer the terminal is made visible.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  // C1 controls, which some terminals obey, are U+0080 to U+009F: 0xC2 and one of 0x80 to 0x9F.
  for (std::size_t at = 0; (at = out.find('\xC2', at)) != std::string::npos; ++at)
    if (at + 1 < out.size() && static_cast<unsigned char>(out[at + 1]) < 0xA0)
      out.replace(at, 2, fmt::format("\\u00{:02x}", static_cast<unsigned char>(out[at + 1])));
  return out;
}

// Nor may it forge other rows and columns.
std::string one_cell(std::string_view text) {
  std::string out = printable(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

}  // namespace

void Ui::pad(Kind next) {
  if (last_ != Kind::kNone && (last_ != next || next == Kind::kLine)) out_ << '\n';
  last_ = next;
}

bool Ui::is_imgpkg() const {
  return program_ == kImgpkg;
}

void Ui::log(std::string_view text) {
  if (is_json()) json_.add_line(text);
  if (!is_terminal()) return;
  pad(Kind::kRaw);
  out_ << printable(text) << std::flush;
}

void Ui::result(std::string_view line) {
  if (mode_ != OutputMode::kPlain || is_imgpkg()) return log(line);
  out_ << line << '\n' << std::flush;
}

void Ui::block(std::string_view text) {
  if (is_json()) return json_.add_block(text);
  if (is_terminal()) pad(Kind::kRaw);
  now(printable(text));
}

void Ui::now(std::string_view text) {
  out_ << text << std::flush;
}

void Ui::table(Table table) {
  choose_columns(table, columns_);
  if (is_json()) return json_.add_table(std::move(table));
  for (auto& row : table.rows)
    for (std::string& cell : row) cell = one_cell(cell);
  if (!is_terminal()) return now(format_table(table, TableStyle::kPlain));
  pad(Kind::kLine);
  now(format_table(table, colour_ == Colour::kYes ? TableStyle::kColoured : TableStyle::kTerminal));
}

void Ui::succeeded() {
  constexpr std::string_view kSucceeded = "Succeeded";
  if (is_json()) json_.add_line(kSucceeded);
  if (!is_terminal()) return;
  pad(Kind::kLine);
  out_ << kSucceeded << '\n' << std::flush;
}

void Ui::finish() {
  if (is_json()) now(json_.text());
}

void Ui::notice(std::string_view line) {
  const std::string text = fmt::format("{}: {}\n", program_, printable(line));
  const std::lock_guard lock(err_mutex_);
  err_ << text << std::flush;
}

void Ui::debug(std::string_view message) {
  const std::time_t now = std::time(nullptr);
  const std::string text =
      fmt::format("{:%Y/%m/%d %H:%M:%S} {}", fmt::localtime(now), printable(message));
  const std::lock_guard lock(err_mutex_);
  err_ << text << std::flush;
}

void Ui::error(const std::string& message, const std::string& hint) {
  if (last_ != Kind::kNone) out_ << '\n' << std::flush;
  const std::string text = printable(break_error_lines(message));
  if (colour_ == Colour::kYes)
    err_ << fmt::format("\x1b[31m{}: Error: {}\x1b[0m\n", program_, text);
  else
    err_ << program_ << ": Error: " << text << '\n';
  if (!hint.empty() && !is_imgpkg()) err_ << "hint: " << printable(hint) << '\n';
}

}  // namespace tote::cmd

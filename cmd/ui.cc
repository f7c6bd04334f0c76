#include "cmd/ui.h"

#include "cmd/error_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace tote::cmd {
namespace {

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

}  // namespace

void Ui::pad(Kind next) {
  if (last_ != Kind::kNone && (last_ != next || next == Kind::kLine)) out_ << '\n';
  last_ = next;
}

void Ui::log(std::string_view text) {
  if (!tty_) return;
  pad(Kind::kRaw);
  out_ << printable(text) << std::flush;
}

void Ui::result(std::string_view line) {
  if (tty_) return log(line);
  out_ << line << '\n' << std::flush;
}

void Ui::block(std::string_view text) {
  if (tty_) pad(Kind::kRaw);
  out_ << text << std::flush;
}

void Ui::succeeded() {
  if (!tty_) return;
  pad(Kind::kLine);
  out_ << "Succeeded\n" << std::flush;
}

void Ui::write_table_row(const std::vector<std::string>& cells,
                         const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool last = i + 1 == cells.size();
    out_ << cells[i] << std::string(last ? 0 : widths[i] - cells[i].size(), ' ')
         << (tty_ ? "  " : "\t");
  }
  out_ << '\n';
}

void Ui::table(std::string_view title, const std::vector<std::string>& header,
               const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(header.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (tty_) widths[i] = header[i].size();
    for (const auto& row : rows) widths[i] = std::max(widths[i], row[i].size());
  }
  if (tty_) {
    pad(Kind::kLine);
    out_ << title << "\n\n";
    write_table_row(header, widths);
  }
  for (const auto& row : rows) write_table_row(row, widths);
  if (tty_) {
    std::string lower(title);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    out_ << '\n' << rows.size() << ' ' << lower << '\n';
  }
  out_ << std::flush;
}

void Ui::notice(std::string_view line) {
  err_ << program_ << ": " << printable(line) << '\n';
}

void Ui::error(const std::string& message, const std::string& hint) {
  if (last_ != Kind::kNone) out_ << '\n' << std::flush;
  err_ << program_ << ": Error: " << printable(break_error_lines(message)) << '\n';
  if (!hint.empty()) err_ << "hint: " << printable(hint) << '\n';
}

}  // namespace tote::cmd

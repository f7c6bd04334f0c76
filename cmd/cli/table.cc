#include "cmd/cli/table.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string_view shown(const std::string& cell) {
  return cell.empty() ? std::string_view("-") : cell;
}

std::vector<std::size_t> visible_columns(const Table& table) {
  std::vector<std::size_t> visible;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!table.columns[i].hidden) visible.push_back(i);
  return visible;
}

bool is_for_people(TableStyle style) {
  return style == TableStyle::kTerminal || style == TableStyle::kColoured;
}

// One line at a time.
class Lines {
 public:
  Lines(const Table& table, TableStyle style)
      : columns_(visible_columns(table)), style_(style), widths_(table.columns.size()) {
    for (const std::size_t i : columns_) {
      if (style == TableStyle::kPlain) continue;
      if (is_for_people(style)) widths_[i] = table.columns[i].title.size();
      for (const auto& row : table.rows) widths_[i] = std::max(widths_[i], shown(row[i]).size());
    }
  }

  std::string header(const Table& table) const {
    return line([&](std::size_t i) { return std::string_view(table.columns[i].title); },
                style_ == TableStyle::kColoured);
  }
  std::string row(const std::vector<std::string>& cells) const {
    return line([&](std::size_t i) { return shown(cells[i]); }, false);
  }

 private:
  template <class Cell>
  std::string line(Cell cell, bool bold) const {
    std::string out;
    for (const std::size_t i : columns_) {
      const std::string_view text = cell(i);
      const bool last = i == columns_.back();
      out += bold ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
      if (!last && widths_[i] > text.size()) out += std::string(widths_[i] - text.size(), ' ');
      if (!last || style_ != TableStyle::kPlain) out += is_for_people(style_) ? "  " : "\t";
    }
    return out + "\n";
  }

  std::vector<std::size_t> columns_;
  TableStyle style_;
  std::vector<std::size_t> widths_;
};

}  // namespace

std::string table_key(std::string_view title) {
  std::string key;
  for (const char c : to_lower(title)) {
    if (is_letter_or_digit(c))
      key += c;
    else if (!key.ends_with('_'))
      key += '_';
  }
  return key;
}

void choose_columns(Table& table, const std::vector<std::string>& names) {
  if (names.empty()) return;
  for (Column& column : table.columns) column.hidden = true;
  for (const std::string& name : names) {
    const auto found = std::find_if(
        table.columns.begin(), table.columns.end(),
        [key = table_key(name)](const Column& column) { return table_key(column.title) == key; });
    if (found == table.columns.end())
      throw Error(ErrorKind::kUsage, fmt::format("Failed to find header: {}", name));
    found->hidden = false;
  }
}

std::string format_table(const Table& table, TableStyle style) {
  const Lines lines(table, style);
  std::string out;
  if (is_for_people(style)) out += fmt::format("{}\n\n{}", table.title, lines.header(table));
  for (const auto& row : table.rows) out += lines.row(row);
  if (is_for_people(style))
    out += fmt::format("\n{} {}\n", table.rows.size(), table_key(table.title));
  return out;
}

}  // namespace tote::cmd

// Rows of cells under titles, as imgpkg lays them out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

struct Column {
  std::string title;    // "Name"
  bool hidden = false;  // unless --column asks for it
};

struct Table {
  std::string title;  // "Tags"
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // a cell for each column
};

// What names a column or a table: "Name" is "name", runs of other characters are '_'.
std::string table_key(std::string_view title);

// --column: only these are shown, in the table's order; none: what is not hidden. Throws
// Error{kUsage} for a name that no column has.
void choose_columns(Table& table, const std::vector<std::string>& names);

// kPlain: the rows alone, their cells as they are with a tab between. kImgpkgPlain: the cells but
// the last padded, and a tab behind each. The others: for people, with title, header and count.
enum class TableStyle { kPlain, kImgpkgPlain, kTerminal, kColoured };
// An empty cell is "-".
std::string format_table(const Table& table, TableStyle style);

}  // namespace tote::cmd

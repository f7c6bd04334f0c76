#include "cmd/json_output.h"

#include "base/json.h"

#include <fmt/format.h>

#include <map>

namespace tote::cmd {
namespace {

std::string list(char open, const std::vector<std::string>& items, char close, std::size_t depth) {
  constexpr std::size_t kStep = 4;
  return json_lines(open, items, close, depth * kStep, kStep);
}

std::string texts(const std::vector<std::string>& values) {
  if (values.empty()) return "null";
  std::vector<std::string> items;
  for (const std::string& value : values) items.push_back(json_quote(value));
  return list('[', items, ']', 1);
}

// Of the columns that are shown, sorted by key.
std::string object(const Table& table, const std::vector<std::string>& values, std::size_t depth) {
  std::map<std::string, std::string> members;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!table.columns[i].hidden) members[table_key(table.columns[i].title)] = values[i];
  std::vector<std::string> items;
  for (const auto& [key, value] : members)
    items.push_back(fmt::format("{}: {}", json_quote(key), json_quote(value)));
  return list('{', items, '}', depth);
}

std::string table_object(const Table& table) {
  std::vector<std::string> titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  std::vector<std::string> rows;
  for (const auto& row : table.rows) rows.push_back(object(table, row, 4));
  return list('{',
              {fmt::format("\"Content\": {}", json_quote(table_key(table.title))),
               "\"Header\": " + object(table, titles, 3), "\"Rows\": " + list('[', rows, ']', 3),
               "\"Notes\": null"},
              '}', 2);
}

std::string row_as_data(const Table& table, const std::vector<std::string>& row) {
  std::string members;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!table.columns[i].hidden && !row[i].empty())
      members += fmt::format("{}{}:{}", members.empty() ? "" : ",",
                             json_quote(table_key(table.columns[i].title)), json_quote(row[i]));
  return "{" + members + "}";
}

}  // namespace

std::string table_as_data(const Table& table) {
  std::string rows;
  for (const auto& row : table.rows) rows += (rows.empty() ? "" : ",") + row_as_data(table, row);
  return fmt::format("{{{}:[{}]}}", json_quote(table_key(table.title)), rows);
}

std::string JsonOutput::text() const {
  std::vector<std::string> tables;
  for (const Table& table : tables_) tables.push_back(table_object(table));
  return list('{',
              {"\"Tables\": " + (tables.empty() ? "null" : list('[', tables, ']', 1)),
               "\"Blocks\": " + texts(blocks_), "\"Lines\": " + texts(lines_)},
              '}', 0);
}

}  // namespace tote::cmd

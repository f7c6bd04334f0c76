#include "cmd/cli/json_output.h"

#include "base/json_writer.h"

#include <map>

namespace tote::cmd {
namespace {

void write_or_null(JsonWriter& json, const std::vector<std::string>& texts) {
  if (texts.empty())
    json.value(nullptr);
  else
    json.value(texts);
}

// Of the columns that are shown, by key.
std::map<std::string, std::string> shown(const Table& table,
                                         const std::vector<std::string>& values) {
  std::map<std::string, std::string> members;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!table.columns[i].hidden) members[table_key(table.columns[i].title)] = values[i];
  return members;
}

void write_table(JsonWriter& json, const Table& table) {
  std::vector<std::string> titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  json.begin_object().member("Content", table_key(table.title));
  json.member("Header", shown(table, titles)).key("Rows").begin_array();
  for (const auto& row : table.rows) json.value(shown(table, row));
  json.end_array().member("Notes", nullptr).end_object();
}

void write_tables_or_null(JsonWriter& json, const std::vector<Table>& tables) {
  if (tables.empty()) {
    json.value(nullptr);
    return;
  }
  json.begin_array();
  for (const Table& table : tables) write_table(json, table);
  json.end_array();
}

void write_row_as_data(JsonWriter& json, const Table& table, const std::vector<std::string>& row) {
  json.begin_object();
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!table.columns[i].hidden)
      json.member_unless_empty(table_key(table.columns[i].title), row[i]);
  json.end_object();
}

}  // namespace

std::string table_as_data(const Table& table) {
  JsonWriter json;
  json.begin_object().key(table_key(table.title)).begin_array();
  for (const auto& row : table.rows) write_row_as_data(json, table, row);
  return json.end_array().end_object().take();
}

std::string JsonOutput::text() const {
  JsonWriter json({.indent = 4});
  json.begin_object();
  write_tables_or_null(json.key("Tables"), tables_);
  write_or_null(json.key("Blocks"), blocks_);
  write_or_null(json.key("Lines"), lines_);
  return json.end_object().take();
}

}  // namespace tote::cmd

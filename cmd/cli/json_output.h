// What --json prints: under imgpkg's name everything that a command would have printed, as one
// document at its end; under tote's own the result as data (docs/machine-output.md).
#pragma once

#include "cmd/cli/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

class JsonOutput {
 public:
  void add_line(std::string_view text) { lines_.emplace_back(text); }
  void add_block(std::string_view text) { blocks_.emplace_back(text); }
  void add_table(Table table) { tables_.push_back(std::move(table)); }

  // As Go's encoding/json writes imgpkg's: four blanks of indentation, null for what there is none
  // of, no line break at the end.
  std::string text() const;

 private:
  std::vector<std::string> lines_;
  std::vector<std::string> blocks_;
  std::vector<Table> tables_;
};

// {"tags":[{"name":"v1","digest":"sha256:..."}]}: the columns that are shown, in their order; what
// is not known is left out.
std::string table_as_data(const Table& table);

}  // namespace tote::cmd

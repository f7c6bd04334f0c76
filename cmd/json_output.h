// Everything that a command prints, as one JSON document at its end (--json).
#pragma once

#include "cmd/table.h"

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

}  // namespace tote::cmd

// What the program prints: results on stdout, errors and notices on stderr.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

// Not thread-safe: commands print from their own thread.
class Ui {
 public:
  Ui(std::ostream& out, std::ostream& err, std::string program)
      : out_(out), err_(err), program_(std::move(program)) {}

  // As on a terminal: progress is shown, and "Succeeded" at the end.
  void set_tty(bool tty) { tty_ = tty; }
  const std::string& program() const { return program_; }

  // Progress, whole lines with their line breaks. On a terminal only.
  void log(std::string_view text);
  // What the command was for, one line without a line break. Always.
  void result(std::string_view line);
  // Raw output. Always.
  void block(std::string_view text);
  // Rows of cells, by name; a title and a count on a terminal, tab-separated data elsewhere.
  void table(std::string_view title, const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows);
  void succeeded();

  // Something to know that is no failure.
  void notice(std::string_view line);
  // "tote: Error: ..." with the message broken into lines as imgpkg breaks it.
  void error(const std::string& message, const std::string& hint);

 private:
  enum class Kind { kNone, kRaw, kLine };

  // imgpkg's blank lines: one between raw text and lines, and between one line and the next.
  void pad(Kind next);
  void write_table_row(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths);

  std::ostream& out_;
  std::ostream& err_;
  std::string program_;
  bool tty_ = false;
  Kind last_ = Kind::kNone;
};

}  // namespace tote::cmd

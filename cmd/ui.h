// What the program prints: results on stdout, errors and notices on stderr.
#pragma once

#include "cmd/json_output.h"
#include "cmd/table.h"

#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

// kTerminal: as on one; progress is shown, and "Succeeded" at the end. kJson: nothing is printed
// before the end, then everything as one document.
enum class OutputMode { kPlain, kTerminal, kJson };
enum class Colour { kNo, kYes };

// Not thread-safe, but for notice() and debug(): commands print from their own thread.
class Ui {
 public:
  // Called "imgpkg" it keeps imgpkg's silence: results are printed on a terminal only.
  Ui(std::ostream& out, std::ostream& err, std::string program)
      : out_(out), err_(err), program_(std::move(program)) {}

  void set_mode(OutputMode mode) { mode_ = mode; }
  void set_colour(Colour colour) { colour_ = colour; }
  // --column: those that tables show; none: all that are not hidden.
  void set_columns(std::vector<std::string> names) { columns_ = std::move(names); }
  const std::string& program() const { return program_; }
  // Called by imgpkg's name: what differs from it on purpose and could be noticed is off.
  bool is_imgpkg() const;

  // Progress, whole lines with their line breaks. On a terminal only.
  void log(std::string_view text);
  // What the command was for, one line without a line break.
  void result(std::string_view line);
  // Raw output. Always.
  void block(std::string_view text);
  // At once, whatever the mode: for who waits for it.
  void now(std::string_view text);
  // Throws Error{kUsage} if a column is asked for that it has not.
  void table(Table table);
  void succeeded();
  // The end, also after an error.
  void finish();

  // Something to know that is no failure; any thread.
  void notice(std::string_view line);
  // "2026/11/21 12:00:00 " and the message, whole lines; any thread.
  void debug(std::string_view message);
  // "tote: Error: ..." with the message broken into lines as imgpkg breaks it.
  void error(const std::string& message, const std::string& hint);

 private:
  enum class Kind { kNone, kRaw, kLine };

  bool is_terminal() const { return mode_ == OutputMode::kTerminal; }
  bool is_json() const { return mode_ == OutputMode::kJson; }
  // imgpkg's blank lines: one between raw text and lines, and between one line and the next.
  void pad(Kind next);

  std::ostream& out_;
  std::ostream& err_;
  std::string program_;
  OutputMode mode_ = OutputMode::kPlain;
  Colour colour_ = Colour::kNo;
  std::vector<std::string> columns_;
  JsonOutput json_;
  std::mutex err_mutex_;
  Kind last_ = Kind::kNone;
};

}  // namespace tote::cmd

// What the program prints: results on stdout, errors and notices on stderr.
#pragma once

#include "base/field_template.h"
#include "cmd/cli/json_output.h"
#include "cmd/cli/messages.h"
#include "cmd/cli/table.h"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tote::cmd {

// kTerminal: as on one; progress is shown, and "Succeeded" at the end. kJson: the result is one
// JSON object and nothing else; called "imgpkg", all that would be printed is one document at the
// end.
enum class OutputMode { kPlain, kTerminal, kJson };
enum class Colour { kNo, kYes };

// What may come from elsewhere goes through printable(), but for what is said to stay exact.
// Not thread-safe, but for notice() and debug(): commands print from their own thread.
class Ui {
 public:
  // Called "imgpkg" it keeps imgpkg's ways: results are printed on a terminal only.
  Ui(std::ostream& out, std::ostream& err, std::string program)
      : out_(out), messages_(err), program_(std::move(program)) {}

  void set_mode(OutputMode mode) { mode_ = mode; }
  void set_colour(Colour colour) { colour_ = colour; }
  // --column: those that tables show; none: all that are not hidden.
  void set_columns(std::vector<std::string> names) { columns_ = std::move(names); }
  // --format: data is shown so; the mode is that of --json.
  void set_format(FieldTemplate format) { format_ = std::move(format); }
  const std::string& program() const { return program_; }
  // Called by imgpkg's name: what differs from it on purpose and could be noticed is off.
  bool is_imgpkg() const;
  Messages& messages() { return messages_; }

  // imgpkg's progress, whole lines with their line breaks. On a terminal only.
  void log(std::string_view text);
  // What the command was for, one line without a line break.
  void result(std::string_view line);
  // The same where imgpkg says nothing: never under its name.
  void own_result(std::string_view line);
  // Text for people. Always, but for --json.
  void block(std::string_view text);
  // Text that programs read too: exact where no terminal is meant.
  void document(std::string_view text);
  // Bytes for another program, exact, whatever the mode. Error{kUsage} on a terminal, which they
  // could steer.
  void bytes(std::string_view bytes);
  // At once and as it is, whatever the mode: the program's own words, for who waits for them.
  void now(std::string_view text);
  // Throws Error{kUsage} if a column is asked for that it has not. It is the data too.
  void table(Table table);
  // The result for --json, one JSON value: printed in that mode only, and not under imgpkg's name.
  // What printable() would change is escaped as JSON does it, so the value stays the same.
  void data(std::string_view json);
  // Whether the result is data(), and nothing else.
  bool shows_data() const { return is_data(); }
  void succeeded();
  // The end, also after an error.
  void finish();

  // -q: not to be told what is only progress.
  void set_quiet() { is_quiet_ = true; }

  // Something to know that is no failure; any thread.
  void notice(std::string_view line);
  // How work goes on, one line, with the event that says the same; any thread.
  void progress(std::string_view line, EventLine event);
  // A notice; on stdout under imgpkg's name, which has it there.
  void announce(std::string_view line);
  // "2026/11/21 12:00:00 " and the message, whole lines; any thread.
  void debug(std::string_view message);
  // "tote: Error: ..." with the frames of an Error in lines as imgpkg has them.
  void error(const std::vector<std::string>& frames, const std::string& hint);

  // Why stdout did not take everything, if so; after the first failure nothing more is written.
  std::error_code write_failure() const { return write_failure_; }

 private:
  enum class Kind { kNone, kRaw, kLine };

  bool is_terminal() const { return mode_ == OutputMode::kTerminal; }
  bool is_data() const { return mode_ == OutputMode::kJson && !is_imgpkg(); }
  // Where imgpkg collects everything.
  bool is_collected() const { return mode_ == OutputMode::kJson && is_imgpkg(); }
  // imgpkg's blank lines: one between raw text and lines, and between one line and the next.
  void pad(Kind next);
  void raw(std::string_view text, const std::string& shown);
  void write(std::string_view text);

  std::ostream& out_;
  Messages messages_;
  std::string program_;
  OutputMode mode_ = OutputMode::kPlain;
  Colour colour_ = Colour::kNo;
  std::vector<std::string> columns_;
  JsonOutput json_;
  std::optional<FieldTemplate> format_;
  std::error_code write_failure_;
  Kind last_ = Kind::kNone;
  bool is_quiet_ = false;
};

}  // namespace tote::cmd

#include "cmd/working_copy_diff.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/process.h"
#include "base/text.h"
#include "bundle/working_copy/compare.h"
#include "cmd/diff_result.h"
#include "cmd/temporary_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tote::cmd {
namespace {

namespace working_copy = bundle::working_copy;
using working_copy::Comparison;
using working_copy::DiffType;
using working_copy::TwoSidedFile;

std::string change_text(const std::optional<bundle::Change>& change) {
  return std::string(change ? name_of(*change) : "as it was");
}

std::string three_way_text(const std::vector<TwoSidedFile>& files) {
  if (files.empty()) return "no difference\n";
  std::string text;
  for (const TwoSidedFile& file : files)
    text += fmt::format("file {}: here {}, upstream {}\n", file.path, change_text(file.here),
                        change_text(file.upstream));
  return text;
}

std::string three_way_data(const Comparison& comparison) {
  JsonWriter json;
  json.begin_object().member("same", comparison.is_none());
  json.member("before", comparison.sides[0].name)
      .member("here", comparison.sides[1].name)
      .member("after", comparison.sides[2].name)
      .key("files")
      .begin_array();
  for (const TwoSidedFile& file : comparison.files) {
    json.begin_object().member("path", file.path);
    if (file.here) json.member("here", name_of(*file.here));
    if (file.upstream) json.member("upstream", name_of(*file.upstream));
    json.end_object();
  }
  return json.end_array().end_object().take();
}

void show(const Comparison& comparison, bool patch, Ui& ui) {
  const bool is_three_way = comparison.sides.size() == 3;
  if (ui.shows_data())
    ui.data(is_three_way ? three_way_data(comparison)
                         : diff_as_data(comparison.difference, comparison.sides[0].name,
                                        comparison.sides[1].name));
  else if (is_three_way)
    ui.block(three_way_text(comparison.files));
  else if (patch)
    ui.document(comparison.difference.patch);
  else
    ui.block(diff_as_text(comparison.difference));
}

// diff and its like end with 1 where there is a difference.
void run_tool(const WorkingCopyDiff& options, const Comparison& comparison,
              const CommandContext& context) {
  std::vector<std::string> command = {options.tool};
  for (std::string& option : split(options.tool_options, ' '))
    if (!option.empty()) command.push_back(std::move(option));
  for (const working_copy::Side& side : comparison.sides)
    command.push_back(side.directory.string());
  const int status = run_in_front(command, context.environment, {}, context.stop);
  if (status > 1)
    throw Error(ErrorKind::kIo, fmt::format("'{}' ended with {}", options.tool, status));
}

void check_tool(const WorkingCopyDiff& options, const CommandContext& context) {
  const bool is_path = options.tool.find('/') != std::string::npos;
  if (!is_path && !find_program(options.tool, context.environment))
    throw Error(ErrorKind::kUsage,
                fmt::format("diff-tool '{}' not found in the PATH", options.tool));
  if (context.ui.shows_data())
    throw Error(ErrorKind::kUsage, "Expected either --diff-tool or --json, not both");
}

}  // namespace

void WorkingCopyDiff::add_to(FlagSet& flags) {
  flags
      .add_string("diff-type", 0, type,
                  "Of a package: local, what has changed here; remote, what has changed upstream; "
                  "combined, here and the upstream's version; 3way, what has changed where. "
                  "Without it local, or combined if a version is named")
      .own();
  flags
      .add_string("diff-tool", 0, tool,
                  "Of a package: a program that is given the directories with both (3way: all "
                  "three) versions, instead of a comparison by tote")
      .own();
  flags
      .add_string("diff-tool-opts", 0, tool_options,
                  "Options of that program, with blanks between them")
      .own()
      .needs({"diff-tool"});
}

void WorkingCopyDiff::refuse_two_places() const {
  if (!type.empty() || !tool.empty())
    throw Error(ErrorKind::kUsage, "Expected --diff-type and --diff-tool with one directory")
        .with_hint("a package is compared with its upstream, two places with each other");
}

void WorkingCopyDiff::run(const std::string& argument, bool patch, registry::Client& client,
                          const Concurrency& concurrency, CommandContext& context) const {
  working_copy::CompareRequest request{
      .what = working_copy::parse_directory_argument(argument), .patch = patch, .scratch = {}};
  request.type = request.what.version.empty() ? DiffType::kLocal : DiffType::kCombined;
  if (!type.empty()) {
    const std::optional<DiffType> known = working_copy::diff_type_of(type);
    if (!known)
      throw Error(ErrorKind::kUsage,
                  fmt::format("invalid diff-type '{}': supported diff-types are: local, remote, "
                              "combined, 3way",
                              type));
    request.type = *known;
  }
  if (!tool.empty()) check_tool(*this, context);
  const TemporaryDirectory scratch(context.temporary);
  request.scratch = scratch.path();
  ThreadPool pool(concurrency.threads);
  const Comparison comparison =
      working_copy::compare(request, client, {.pool = pool, .stop = context.stop});
  if (tool.empty())
    show(comparison, patch, context.ui);
  else
    run_tool(*this, comparison, context);
  if (!comparison.is_none()) context.exit_code = ExitCode::kDifferent;
}

}  // namespace tote::cmd

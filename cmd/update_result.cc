#include "cmd/update_result.h"

#include "base/json_writer.h"

#include <fmt/format.h>

namespace tote::cmd {

using bundle::working_copy::FileOutcome;
using bundle::working_copy::Obstacle;
using bundle::working_copy::Updated;

std::string update_as_text(const Updated& updated, const std::string& directory, bool is_trial) {
  const std::string version = fmt::format("'{}' ({})", updated.image.name(), updated.after.str());
  if (updated.is_up_to_date())
    return fmt::format("'{}' is up to date with {}\n", directory, version);
  std::string text;
  for (const FileOutcome& file : updated.tree.outcomes)
    text += fmt::format("{}: {}{}\n", name_of(file.outcome), file.path,
                        file.note.empty() ? "" : fmt::format(" ({})", file.note));
  for (const Obstacle& obstacle : updated.tree.obstacles)
    text += fmt::format("in the way: {} ({})\n", obstacle.path, obstacle.why);
  for (const std::string& nested : updated.nested)
    text += fmt::format("updated with it: {}\n", nested);
  if (const std::size_t conflicts = updated.tree.conflicts(); conflicts > 0)
    text += fmt::format("{} to be resolved\n",
                        conflicts == 1 ? "1 conflict" : fmt::format("{} conflicts", conflicts));
  return text + (is_trial ? fmt::format("'{}' would be updated to {}\n", directory, version)
                          : fmt::format("Updated '{}' to {}\n", directory, version));
}

std::string update_as_data(const Updated& updated, const std::string& directory) {
  JsonWriter json;
  json.begin_object()
      .member("directory", directory)
      .member("image", updated.image.name())
      .member("before", updated.before.str())
      .member("digest", updated.after.str())
      .member("up_to_date", updated.is_up_to_date())
      .member("conflicts", updated.tree.conflicts())
      .member_unless_empty("nested", updated.nested);
  json.key("files").begin_array();
  for (const FileOutcome& file : updated.tree.outcomes)
    json.begin_object()
        .member("path", file.path)
        .member("outcome", name_of(file.outcome))
        .member_unless_empty("note", file.note)
        .end_object();
  json.end_array().key("in_the_way").begin_array();
  for (const Obstacle& obstacle : updated.tree.obstacles)
    json.begin_object().member("path", obstacle.path).member("why", obstacle.why).end_object();
  return json.end_array().end_object().take();
}

}  // namespace tote::cmd

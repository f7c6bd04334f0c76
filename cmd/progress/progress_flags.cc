#include "cmd/progress/progress_flags.h"

#include "base/error.h"

#include <fmt/format.h>

#include <map>

namespace tote::cmd {
namespace {

const std::map<std::string, ProgressStyle>& styles() {
  static const std::map<std::string, ProgressStyle> kStyles = {{"none", ProgressStyle::kNone},
                                                               {"plain", ProgressStyle::kPlain},
                                                               {"bar", ProgressStyle::kBar},
                                                               {"json", ProgressStyle::kJson}};
  return kStyles;
}

}  // namespace

void ProgressFlags::add_to(FlagSet& all) {
  FlagSet flags;
  flags
      .add_string("progress", 0, style,
                  "How progress is shown on stderr: auto (bar on a terminal, else plain), plain, "
                  "bar, json (one JSON object a line, and nothing else), none")
      .own()
      .checked_by([this] {
        if (style != "auto" && !styles().contains(style))
          throw Error(ErrorKind::kUsage,
                      "--progress can only have the following values [auto, plain, bar, json, "
                      "none]");
      });
  flags.add_bool("quiet", 'q', quiet, "Show no progress: the same as --progress none").own();
  flags
      .add_path("progress-file", 0, file,
                "Write progress to this file too, as --progress json has it")
      .own();
  all.add_group("progress", std::move(flags));
}

void ProgressFlags::prepare(CommandContext& context) const {
  if (style == "json" && !quiet) context.ui.messages().become_json();
  if (chosen(context) == ProgressStyle::kNone) context.ui.set_quiet();
}

ProgressStyle ProgressFlags::chosen(const CommandContext& context) const {
  if (quiet) return ProgressStyle::kNone;
  if (const auto found = styles().find(style); found != styles().end()) return found->second;
  if (context.ui.is_imgpkg()) return ProgressStyle::kImgpkg;
  const bool can_draw = context.err_terminal() && context.environment.get("TERM") != "dumb";
  return can_draw ? ProgressStyle::kBar : ProgressStyle::kPlain;
}

}  // namespace tote::cmd

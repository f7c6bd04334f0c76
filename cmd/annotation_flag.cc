#include "cmd/annotation_flag.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::cmd {

Flag& add_annotations(FlagSet& flags, std::map<std::string, std::string>& annotations,
                      std::string help) {
  return flags
      .add_array("annotation", std::move(help),
                 [&annotations](const std::string& text) {
                   const std::size_t equals = text.find('=');
                   if (equals == 0 || equals == std::string::npos)
                     throw Error(ErrorKind::kUsage,
                                 fmt::format("--annotation: expected KEY=VALUE, got '{}'", text));
                   annotations[text.substr(0, equals)] = text.substr(equals + 1);
                 })
      .own();
}

}  // namespace tote::cmd

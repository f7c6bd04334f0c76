// What a person says about the values of a chart.
#pragma once

#include "chart/set_values.h"
#include "chart/value.h"

#include <string>
#include <utility>
#include <vector>

namespace tote::chart {

struct UserValues {
  struct File {
    std::string name;  // for messages and origins
    std::string text;
  };

  std::vector<File> files = {};               // -f, in order: later ones win
  std::vector<std::string> sets = {};         // --set, in order, over all files
  std::vector<std::string> string_sets = {};  // --set-string, over all of --set
};

// One mapping of all of it, nulls kept. Error{kParse} for files, Error{kUsage} for the others.
ValuePtr read_user_values(const UserValues& values);

}  // namespace tote::chart

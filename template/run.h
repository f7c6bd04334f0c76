// What the templates of one execution share; for template/*.cc.
#pragma once

#include "template/functions.h"
#include "template/parser.h"
#include "template/template.h"

#include <cstddef>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::go_template {

// Maps that contain themselves, which nobody would ever destroy.
class Knots {
 public:
  Knots() = default;
  ~Knots();
  Knots(const Knots&) = delete;
  Knots& operator=(const Knots&) = delete;

  void watch(const MapPtr& map, const Value& value);

 private:
  std::vector<std::weak_ptr<Map>> maps_;
};

// The templates of a set, or those that a text in it adds for itself.
struct TreeLayer {
  Trees trees;
  const TreeLayer* below = nullptr;

  const Tree* find(std::string_view name) const;
  // Unless it would replace something by nothing.
  void add(Trees added);
};

struct Run {
  const FunctionMap& functions;
  const TemplateOptions& options;
  RandomSource& random;
  Knots& knots;
  std::stop_token stop;
  std::size_t steps = 0;
  std::size_t made = 0;
  std::size_t depth = 0;
  std::map<std::string, std::size_t> open_calls = {};

  void take_steps(std::size_t count);
  void take_bytes(std::size_t count);
  // nullptr: there is none.
  const Function* find_function(std::string_view name) const;
};

// The trees of a text, in which all functions of the run are known.
Trees parse_for(const FunctionMap& functions, const std::string& name, std::string_view text);
// Runs a tree and what it calls. `layer` is where it looks for others.
std::string execute_tree(Run& run, const TreeLayer& layer, const Tree& tree, const Value& data);
std::string execute_named(Run& run, const TreeLayer& layer, const std::string& name,
                          const Value& data);

}  // namespace tote::go_template

#include "template/template.h"

#include "base/error.h"
#include "template/quote.h"
#include "template/run.h"
#include "template/system_random.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace tote::go_template {
namespace {

constexpr std::size_t kStepsBetweenLooks = 1024;  // at the stop token

// Whether `map` is somewhere in `value`.
bool contains(const Value& value, const MapPtr& map) {
  std::vector<Value> waiting = {value};
  std::set<const void*> seen;
  while (!waiting.empty()) {
    const Value next = std::move(waiting.back());
    waiting.pop_back();
    if (next.kind() == Kind::kMap) {
      if (next.map() == map) return true;
      if (!seen.insert(next.map().get()).second) continue;
      for (const auto& [name, member] : next.members()) waiting.push_back(member);
    } else if (next.kind() == Kind::kSlice && seen.insert(next.list().get()).second) {
      waiting.insert(waiting.end(), next.items().begin(), next.items().end());
    }
  }
  return false;
}

}  // namespace

Knots::~Knots() {
  for (const std::weak_ptr<Map>& known : maps_)
    if (const MapPtr map = known.lock()) map->members.clear();
}

void Knots::watch(const MapPtr& map, const Value& value) {
  if (contains(value, map)) maps_.push_back(map);
}

const Tree* TreeLayer::find(std::string_view name) const {
  const auto found = trees.find(name);
  if (found != trees.end()) return found->second.get();
  return below == nullptr ? nullptr : below->find(name);
}

void TreeLayer::add(Trees added) {
  for (auto& [name, tree] : added)
    if (find(name) == nullptr || !is_empty_tree(*tree->root)) trees[name] = std::move(tree);
}

void Run::take_steps(std::size_t count) {
  if (count > options.limits.steps - steps)
    throw Error(ErrorKind::kParse, fmt::format("more than {} steps", options.limits.steps));
  const std::size_t before = std::exchange(steps, steps + count);
  if (before / kStepsBetweenLooks != steps / kStepsBetweenLooks && stop.stop_requested())
    throw Cancelled();
}

void Run::take_bytes(std::size_t count) {
  if (count > options.limits.made - made)
    throw Error(ErrorKind::kParse, fmt::format("more than {} bytes made", options.limits.made));
  made += count;
}

const Function* Run::find_function(std::string_view name) const {
  const auto own = functions.find(name);
  if (own != functions.end()) return own->second.get();
  const auto builtin = builtin_functions().find(name);
  return builtin == builtin_functions().end() ? nullptr : builtin->second.get();
}

Trees parse_for(const FunctionMap& functions, const std::string& name, std::string_view text) {
  return parse_trees(name, text, [&](std::string_view word) {
    return functions.contains(word) || builtin_functions().contains(word);
  });
}

std::string execute_named(Run& run, const TreeLayer& layer, const std::string& name,
                          const Value& data) {
  const Tree* tree = layer.find(name);
  if (tree == nullptr)
    throw Error(ErrorKind::kParse,
                fmt::format("template: no template {} associated with template {}", go_quote(name),
                            go_quote(run.options.name)));
  return execute_tree(run, layer, *tree, data);
}

struct TemplateSet::State {
  FunctionMap functions;
  TemplateOptions options;
  TreeLayer layer = {};
  Knots knots = {};
};

TemplateSet::TemplateSet(FunctionMap functions, TemplateOptions options) {
  if (options.random == nullptr) options.random = std::make_shared<SystemRandom>();
  state_ = std::unique_ptr<State>(
      new State{.functions = std::move(functions), .options = std::move(options)});
}

TemplateSet::~TemplateSet() = default;
TemplateSet::TemplateSet(TemplateSet&&) noexcept = default;
TemplateSet& TemplateSet::operator=(TemplateSet&&) noexcept = default;

void TemplateSet::parse(const std::string& name, std::string_view text) {
  state_->layer.add(parse_for(state_->functions, name, text));
}

bool TemplateSet::has(std::string_view name) const {
  return state_->layer.find(name) != nullptr;
}

std::string TemplateSet::execute(const std::string& name, const Value& data,
                                 std::stop_token stop) const {
  Run run{.functions = state_->functions,
          .options = state_->options,
          .random = *state_->options.random,
          .knots = state_->knots,
          .stop = std::move(stop)};
  return execute_named(run, state_->layer, name, data);
}

}  // namespace tote::go_template

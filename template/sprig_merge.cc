// Sprig's merging of maps, which follows mergo 0.3.12 with all its turns.
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <utility>

namespace tote::go_template {
namespace {

class Merging {
 public:
  Merging(Context& context, bool overwrites) : context_(context), overwrites_(overwrites) {}

  void merge(const MapPtr& target, const MapPtr& source, std::size_t depth) {
    check_nesting(depth);
    if (target == source) return;
    context_.take_steps(source->members.size());
    // The source may hold the target, and change with it.
    const Map::Members members = source->members;
    for (const auto& [name, member] : members) add(target, name, member, depth);
  }

 private:
  void add(const MapPtr& target, const std::string& name, const Value& value, std::size_t depth) {
    const auto known = target->members.find(name);
    const bool is_there = known != target->members.end();
    if (value.is_nil_of_its_type()) {
      if (overwrites_) put(target, name, value);
      return;
    }
    const Value before = is_there ? known->second : Value();
    if (value.kind() == Kind::kMap && before.kind() == Kind::kMap && before.map() != nullptr)
      merge(before.map(), value.map(), depth + 1);
    const bool is_whole = value.kind() == Kind::kMap || value.kind() == Kind::kSlice;
    if (value.kind() == Kind::kSlice && overwrites_) put(target, name, value);
    if (is_whole && !is_empty(before)) return;
    if (overwrites_ || is_empty(before)) put(target, name, value);
  }

  void put(const MapPtr& target, const std::string& name, const Value& value) {
    target->members[name] = value;
    context_.watch(target, value);
  }

  Context& context_;
  bool overwrites_;
};

Value merge_all(Context& context, const MapPtr& target, const Rest<MapPtr>& sources,
                bool overwrites) {
  MapPtr merged = target;
  for (const MapPtr& source : sources.items) {
    if (source == nullptr) continue;
    if (merged == nullptr) merged = std::make_shared<Map>();
    Merging(context, overwrites).merge(merged, source, 0);
  }
  return Value::map(merged);
}

}  // namespace

void add_merge_functions(FunctionMap& all) {
  all["merge"] =
      make_function([](Context& context, const MapPtr& target, const Rest<MapPtr>& sources) {
        return merge_all(context, target, sources, false);
      });
  all["mergeOverwrite"] =
      make_function([](Context& context, const MapPtr& target, const Rest<MapPtr>& sources) {
        return merge_all(context, target, sources, true);
      });
  all["mustMerge"] = all["merge"];
  all["mustMergeOverwrite"] = all["mergeOverwrite"];
}

}  // namespace tote::go_template

#include "cmd/found_images.h"

#include "base/json_writer.h"
#include "cmd/cli/table.h"

#include <algorithm>
#include <string>

namespace tote::cmd {
namespace {

namespace discover = bundle::discover;

std::string place_of(const discover::FoundImage& found) {
  if (found.path.empty()) return found.where;
  return discover::path_text(found.path);
}

std::vector<std::string> row(const discover::CombinedImage& image,
                             const discover::FoundImage& found, bool is_chosen) {
  std::string why = found.optional;
  if (!is_chosen && why.empty()) why = image.optional;
  return {image.name.str(),
          place_of(found),
          std::string(found.form == discover::Form::kNone ? "" : name_of(found.form)),
          found.rule,
          std::string(name_of(found.certainty)),
          is_chosen ? "yes" : "no",
          why,
          found.where};
}

std::vector<std::string> row(const discover::UnresolvedImage& image) {
  return {"?",
          image.path.empty() ? image.where : discover::path_text(image.path),
          "",
          image.code,
          "",
          image.optional.empty() ? "unresolved" : "no",
          image.optional.empty() ? image.reason : image.optional,
          image.where};
}

void show_as_table(const discover::Combined& found, Ui& ui) {
  Table table{"Images",
              {{"Image"},
               {"Place"},
               {"Form"},
               {"Rule"},
               {"Certainty"},
               {"Needed"},
               {"Why"},
               {"Where", true}},
              {}};
  const auto add = [&](const std::vector<discover::CombinedImage>& images, bool is_chosen) {
    for (const discover::CombinedImage& image : images)
      for (const discover::FoundImage& one : image.found)
        table.rows.push_back(row(image, one, is_chosen));
  };
  add(found.chosen, true);
  for (const discover::UnresolvedImage& image : found.unresolved) table.rows.push_back(row(image));
  add(found.left_out, false);
  add(found.ignored, false);
  for (const discover::UnresolvedImage& image : found.unresolved_optional)
    table.rows.push_back(row(image));
  ui.table(std::move(table));
}

void write_place(const discover::FoundImage& found, JsonWriter& json) {
  json.begin_object()
      .member("evidence", name_of(found.evidence))
      .member("rule", found.rule)
      .member("certainty", name_of(found.certainty))
      .member_unless_empty("chart", found.chart)
      .member_unless_empty("path", discover::path_text(found.path))
      .member("form", name_of(found.form))
      .member_unless_empty("where", found.where)
      .member_unless_empty("optional", found.optional)
      .end_object();
}

void write_images(const char* key, const std::vector<discover::CombinedImage>& images,
                  JsonWriter& json) {
  json.key(key).begin_array();
  for (const discover::CombinedImage& image : images) {
    json.begin_object().member("image", image.name.str());
    json.key("candidates").begin_array();
    for (const discover::ImageName& name : image.candidates) json.value(name.str());
    json.end_array();
    json.member_unless_empty("optional", image.optional).key("places").begin_array();
    for (const discover::FoundImage& found : image.found) write_place(found, json);
    json.end_array().end_object();
  }
  json.end_array();
}

void write_unresolved(const char* key, const std::vector<discover::UnresolvedImage>& images,
                      JsonWriter& json) {
  json.key(key).begin_array();
  for (const discover::UnresolvedImage& image : images)
    json.begin_object()
        .member("code", image.code)
        .member_unless_empty("chart", image.chart)
        .member_unless_empty("path", discover::path_text(image.path))
        .member("reason", image.reason)
        .member_unless_empty("where", image.where)
        .member_unless_empty("optional", image.optional)
        .end_object();
  json.end_array();
}

std::string as_data(const discover::Combined& found) {
  JsonWriter json;
  json.begin_object();
  write_images("images", found.chosen, json);
  write_images("left_out", found.left_out, json);
  write_images("ignored", found.ignored, json);
  write_unresolved("unresolved", found.unresolved, json);
  write_unresolved("unresolved_optional", found.unresolved_optional, json);
  return json.end_object().take();
}

}  // namespace

void show_found_images(const discover::Combined& found, Ui& ui) {
  if (ui.shows_data()) return ui.data(as_data(found));
  show_as_table(found, ui);
}

}  // namespace tote::cmd

#include "cmd/diff_result.h"

#include "base/json_writer.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

using bundle::Change;

std::string text_of(const std::optional<oci::Digest>& digest) {
  return digest ? digest->str() : "nothing";
}

// ---- files -------------------------------------------------------------------------------------

std::string_view name_of(TarEntryType type) {
  switch (type) {
    case TarEntryType::kFile:
      return "file";
    case TarEntryType::kSymbolicLink:
      return "symbolic link";
    case TarEntryType::kHardLink:
      return "hard link";
    default:
      return "other";
  }
}

std::string describe(const bundle::TreeFile& file) {
  if (file.type == TarEntryType::kFile)
    return fmt::format("mode {:04o}, {}", file.mode, bytes_text(file.size));
  return file.link_target.empty() ? std::string(name_of(file.type))
                                  : fmt::format("{} to {}", name_of(file.type), file.link_target);
}

std::string describe(const bundle::TreeFile& before, const bundle::TreeFile& after) {
  if (before.content == after.content && before.mode != after.mode && before.content)
    return fmt::format("mode {:04o} -> {:04o}", before.mode, after.mode);
  const std::string old = describe(before);
  const std::string now = describe(after);
  return old == now ? now : fmt::format("{} -> {}", old, now);
}

std::string line_of(const bundle::FileChange& change) {
  const std::string where =
      change.bundle.empty() ? change.path : fmt::format("{} of {}", change.path, change.bundle);
  const std::string what = change.before && change.after
                               ? describe(*change.before, *change.after)
                               : describe(change.before ? *change.before : *change.after);
  return fmt::format("file {}: {} ({})\n", bundle::name_of(change.change), where, what);
}

// ---- the rest ----------------------------------------------------------------------------------

std::string line_of(const bundle::ImageChange& change) {
  switch (change.change) {
    case Change::kMoved:
      return fmt::format("image moved: {} -> {} ({})\n", change.name, change.moved_to,
                         text_of(change.after));
    case Change::kChanged:
      return fmt::format("image changed: {} ({} -> {})\n", change.name, text_of(change.before),
                         text_of(change.after));
    default:
      return fmt::format("image {}: {} ({})\n", bundle::name_of(change.change), change.name,
                         text_of(change.before ? change.before : change.after));
  }
}

std::string line_of(const bundle::FactChange& change) {
  if (change.before && change.after)
    return fmt::format("{} changed: {} -> {}\n", change.name, *change.before, *change.after);
  return fmt::format("{} {}: {}\n", change.name, bundle::name_of(change.change),
                     change.before ? *change.before : *change.after);
}

// ---- JSON --------------------------------------------------------------------------------------

template <class Value, class Write>
void write_sides(JsonWriter& json, const std::optional<Value>& before,
                 const std::optional<Value>& after, Write write) {
  if (before) write(json.key("before"), *before);
  if (after) write(json.key("after"), *after);
}

void write(JsonWriter& json, const oci::Digest& digest) {
  json.value(digest.str());
}
void write(JsonWriter& json, const std::string& text) {
  json.value(text);
}
void write(JsonWriter& json, const bundle::TreeFile& file) {
  json.begin_object()
      .member("type", name_of(file.type))
      .member("mode", fmt::format("{:04o}", file.mode))
      .member("bytes", file.size)
      .member_unless_empty("link", file.link_target);
  if (file.content) json.member("digest", file.content->str());
  json.end_object();
}

template <class Changes, class Name>
void write_changes(JsonWriter& json, const char* key, const Changes& changes, Name name) {
  json.key(key).begin_array();
  for (const auto& change : changes) {
    json.begin_object().member("change", bundle::name_of(change.change));
    name(json, change);
    write_sides(json, change.before, change.after,
                [](JsonWriter& to, const auto& value) { write(to, value); });
    json.end_object();
  }
  json.end_array();
}

void write_place(JsonWriter& json, const char* key, const std::string& place,
                 const std::optional<oci::Digest>& root) {
  json.key(key).begin_object().member("place", place);
  if (root) json.member("digest", root->str());
  json.end_object();
}

}  // namespace

std::string diff_as_text(const bundle::Difference& difference) {
  std::string text;
  if (difference.root_before != difference.root_after)
    text += fmt::format("digest: {} -> {}\n", text_of(difference.root_before),
                        text_of(difference.root_after));
  for (const auto& change : difference.images) text += line_of(change);
  for (const auto& change : difference.facts) text += line_of(change);
  for (const auto& change : difference.files) text += line_of(change);
  if (difference.is_none()) text += "no difference\n";
  if (difference.cost && difference.cost->blobs > 0)
    text += fmt::format("to be moved: {} in {} blobs\n", bytes_text(difference.cost->bytes),
                        difference.cost->blobs);
  return text;
}

std::string diff_as_data(const bundle::Difference& difference, const std::string& before,
                         const std::string& after) {
  JsonWriter json;
  json.begin_object().member("same", difference.is_none());
  write_place(json, "before", before, difference.root_before);
  write_place(json, "after", after, difference.root_after);
  write_changes(json, "images", difference.images,
                [](JsonWriter& to, const bundle::ImageChange& change) {
                  to.member("image", change.name).member_unless_empty("to", change.moved_to);
                });
  write_changes(
      json, "facts", difference.facts,
      [](JsonWriter& to, const bundle::FactChange& change) { to.member("name", change.name); });
  write_changes(json, "files", difference.files,
                [](JsonWriter& to, const bundle::FileChange& change) {
                  to.member("path", change.path).member_unless_empty("bundle", change.bundle);
                });
  if (difference.cost)
    json.member("blobs_to_move", difference.cost->blobs)
        .member("bytes_to_move", difference.cost->bytes);
  return json.member_unless_empty("patch", difference.patch).end_object().take();
}

}  // namespace tote::cmd

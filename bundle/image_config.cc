#include "bundle/image_config.h"

#include "base/json_writer.h"

namespace tote::bundle {
namespace {

constexpr const char* kImgpkg = "imgpkg";
constexpr const char* kTote = "tote";

// Go's way to write a set: an object whose members are empty objects. Nothing if it is empty.
void add_set(JsonWriter& json, std::string_view name, const std::set<std::string>& set) {
  if (set.empty()) return;
  json.key(name).begin_object();
  for (const std::string& item : set) json.key(item).begin_object().end_object();
  json.end_object();
}

void add_run_config(JsonWriter& json, const Labels& labels, const ImageSettings& settings) {
  json.key("config").begin_object();
  json.member_unless_empty("Cmd", settings.cmd)
      .member_unless_empty("Entrypoint", settings.entrypoint)
      .member_unless_empty("Env", settings.env)
      .member_unless_empty("Labels", labels)
      .member_unless_empty("User", settings.user);
  add_set(json, "Volumes", settings.volumes);
  json.member_unless_empty("WorkingDir", settings.working_dir);
  add_set(json, "ExposedPorts", settings.exposed_ports);
  json.end_object();
}

void add_history(JsonWriter& json, const char* author, const std::string& created) {
  json.key("history").begin_array().begin_object();
  json.member("author", author).member("created", created).member("created_by", author);
  json.end_object().end_array();
}

void add_rootfs(JsonWriter& json, const oci::Digest& diff_id) {
  json.key("rootfs").begin_object();
  json.member("type", "layers").member("diff_ids", std::vector{diff_id.str()}).end_object();
}

}  // namespace

std::string encode_image_config(const oci::Digest& diff_id, const Labels& labels,
                                const std::optional<ImageSettings>& settings) {
  const ImageSettings said = settings.value_or(ImageSettings{});
  JsonWriter json;
  json.begin_object();
  json.member("architecture", said.platform.architecture).member("created", said.created);
  add_history(json, settings ? kTote : kImgpkg, said.created);
  json.member("os", said.platform.os);
  add_rootfs(json, diff_id);
  add_run_config(json, labels, said);
  json.member_unless_empty("variant", said.platform.variant);
  return json.end_object().take();
}

}  // namespace tote::bundle

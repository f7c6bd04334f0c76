#include "bundle/image_config.h"

#include "base/json.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr const char* kImgpkg = "imgpkg";
constexpr const char* kTote = "tote";

// Go's way to write a set: an object whose members are empty objects.
std::string encode_set(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += fmt::format("{}{}:{{}}", text.empty() ? "" : ",", json_quote(name));
  return fmt::format("{{{}}}", text);
}

// What is empty is left out.
class Members {
 public:
  void add(std::string_view name, std::string_view json) {
    text_ += fmt::format("{}{}:{}", text_.empty() ? "" : ",", json_quote(name), json);
  }
  void add_text(std::string_view name, const std::string& value) {
    if (!value.empty()) add(name, json_quote(value));
  }
  void add_list(std::string_view name, const std::vector<std::string>& list) {
    if (!list.empty()) add(name, json_array(list));
  }
  void add_set(std::string_view name, const std::set<std::string>& set) {
    if (!set.empty()) add(name, encode_set(set));
  }
  std::string finish() const { return fmt::format("{{{}}}", text_); }

 private:
  std::string text_;
};

std::string encode_run_config(const Labels& labels, const ImageSettings& settings) {
  Members config;
  config.add_list("Cmd", settings.cmd);
  config.add_list("Entrypoint", settings.entrypoint);
  config.add_list("Env", settings.env);
  if (!labels.empty()) config.add("Labels", json_object(labels));
  config.add_text("User", settings.user);
  config.add_set("Volumes", settings.volumes);
  config.add_text("WorkingDir", settings.working_dir);
  config.add_set("ExposedPorts", settings.exposed_ports);
  return config.finish();
}

std::string encode_history(const char* author, const std::string& created) {
  return fmt::format(R"([{{"author":"{0}","created":"{1}","created_by":"{0}"}}])", author, created);
}

}  // namespace

std::string encode_image_config(const oci::Digest& diff_id, const Labels& labels,
                                const std::optional<ImageSettings>& settings) {
  const ImageSettings said = settings.value_or(ImageSettings{});
  Members config;
  config.add("architecture", json_quote(said.platform.architecture));
  config.add("created", json_quote(said.created));
  config.add("history", encode_history(settings ? kTote : kImgpkg, said.created));
  config.add("os", json_quote(said.platform.os));
  config.add("rootfs", fmt::format(R"({{"type":"layers","diff_ids":["{}"]}})", diff_id.str()));
  config.add("config", encode_run_config(labels, said));
  config.add_text("variant", said.platform.variant);
  return config.finish();
}

}  // namespace tote::bundle

// Looks through one Kubernetes object for images. Internal to manifest_scan.
#pragma once

#include "bundle/discover/manifest_scan.h"
#include "bundle/discover/resource.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

class ObjectScan {
 public:
  // All are used until the end. `chart` is shown, and may be empty.
  ObjectScan(const Resource& resource, std::string_view chart, const KbldConfig& kbld,
             ManifestScan& result);

  void look_through(const Yaml& document) { visit("", document, {}); }

 private:
  // The map that a value is of.
  struct Around {
    std::vector<Yaml::Member> members = {};
    bool is_container = false;
  };
  struct Seen {
    const char* rule;
    Certainty certainty;
    std::string optional = {};
  };

  void visit(const std::string& key, const Yaml& value, const Around& around);
  void visit_map(const std::string& key, const Yaml& map, bool is_container);
  void visit_list(const std::string& key, const Yaml& list);
  void visit_argument(std::string& flag, const Yaml& item);
  void visit_scalar(const std::string& key, const Yaml& value, const Around& around);
  void visit_group(const std::string& key, const Yaml& item);
  void visit_setting(const std::string& name, const std::string& key, const Yaml& value);

  // Each returns whether it was that, and has been dealt with.
  bool is_for_kbld(const std::string& key, const Yaml& value);
  bool is_image_in_parts(const std::string& key, const Around& around);
  bool is_docker_image(const Around& around);
  bool is_pair(const std::string& key, const Yaml& value, const Around& around);

  void add_of_container(const Yaml& value);
  void add_of_key(const std::string& key, const Yaml& value);
  void add_settings(const std::string& name, const Yaml& value, Seen seen);
  void add_data(const std::string& key, const Yaml& value);
  void add_for_kbld(const Yaml& value, std::size_t offset, std::size_t length);
  void add(const ImageName& written, std::vector<ImageSpot> spots, const Seen& seen);
  void add_unresolved(const Yaml& value, std::string code, std::string reason,
                      std::string optional = {});
  // False: it can not be said what it is changed to.
  bool change_for_kbld(SeenImage& image);

  static bool is_setting(const std::string& key, const Around& around);
  bool is_image_volume(std::string_view key) const;
  bool is_below(std::string_view first, std::string_view second = {}) const;
  bool is_in_pod_spec(std::size_t below) const;
  std::string where(const Yaml& value) const;

  const Resource& resource_;
  std::string_view chart_;
  const KbldConfig& kbld_;
  ManifestScan& result_;
  std::vector<std::string> pod_spec_;
  ValuePath path_ = {};
  std::string container_ = {};  // that is being looked at
};

}  // namespace tote::bundle::discover

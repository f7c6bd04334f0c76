// A small archive that tote writes: an image with layers of these bytes.
#pragma once

#include "archive/archive_writer.h"
#include "base/error.h"
#include "oci/contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace tote::test {

inline oci::Contents contents_with(const std::vector<std::string>& layers) {
  const std::string config = "{}";
  std::string list;
  oci::Contents contents;
  for (const std::string& layer : layers) {
    const oci::Descriptor blob{"application/vnd.oci.image.layer.v1.tar", oci::Digest::of(layer),
                               layer.size()};
    list += fmt::format(R"({}{{"mediaType":"{}","digest":"{}","size":{}}})",
                        list.empty() ? "" : ",", blob.media_type, blob.digest.str(), blob.size);
    contents.layers.push_back({blob, {"a.io", "app"}});
  }
  std::sort(contents.layers.begin(), contents.layers.end(),
            [](const auto& a, const auto& b) { return a.blob.digest < b.blob.digest; });
  const oci::ManifestPtr manifest = oci::Manifest::parse(
      fmt::format(
          R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+)"
          R"(json","digest":"{}","size":2}},"layers":[{}]}})",
          oci::Digest::of(config).str(), list),
      "application/vnd.oci.image.manifest.v1+json");
  contents.configs = {{{"application/vnd.oci.image.config.v1+json", oci::Digest::of(config), 2},
                       config,
                       {"a.io", "app"}}};
  contents.images = {{{"a.io", "app"}, manifest->descriptor(), "v1", {}, {}}};
  contents.manifests.add(manifest);
  return contents;
}

// From where an earlier run was, if that is right.
inline void write_layer(archive::ArchiveWriter& writer, const std::string& bytes) {
  const auto upload = writer.begin_upload({"", oci::Digest::of(bytes), bytes.size()}, {});
  const auto send = [&] {
    StringSource content(bytes.substr(upload->offset()));
    upload->append(content, bytes.size() - upload->offset());
    upload->commit();
  };
  try {
    send();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kDigestMismatch) throw;
    send();
  }
}

inline void write_archive(const std::filesystem::path& path, const std::vector<std::string>& layers,
                          archive::ArchiveWriterOptions options = {}) {
  archive::ArchiveWriter writer(path, contents_with(layers), std::move(options));
  for (const std::string& layer : layers)
    if (!writer.has_blob({"", oci::Digest::of(layer), layer.size()}, {}))
      write_layer(writer, layer);
  writer.finish();
}

}  // namespace tote::test

#include "tests/support/image_builder.h"

#include "base/codec/gzip_writer.h"
#include "base/codec/tar_header.h"

#include <fmt/format.h>

#include <random>
#include <stdexcept>

namespace tote::test {
namespace {

std::string descriptor(const std::string& type, const std::string& bytes) {
  return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}"}})", type, bytes.size(),
                     oci::Digest::of(bytes).str());
}

// Our header with another type flag and link target, and the checksum put right.
std::string raw_header(const TarMember& member) {
  std::string block =
      encode_tar_header({.name = "x", .mode = member.mode, .size = member.content.size()});
  block.replace(0, 100, std::string(100, '\0'));
  block.replace(0, member.name.size(), member.name);
  block[156] = member.type;
  block.replace(157, member.link_target.size(), member.link_target);
  block.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  block.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return block;
}

}  // namespace

std::string make_tar(const std::vector<TarMember>& members) {
  std::string tar;
  for (const TarMember& member : members) {
    tar += raw_header(member) + member.content;
    tar.append(tar_padding(member.content.size()), '\0');
  }
  return tar.append(tar_end());
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = generator();
    for (std::size_t j = 0; j < 8 && i + j < size; ++j)
      bytes[i + j] = static_cast<char>(word >> (8 * j));
  }
  return bytes;
}

oci::Digest put_blob(testregistry::Storage& storage, const std::string& repository,
                     const std::string& bytes) {
  const oci::Digest digest = oci::Digest::of(bytes);
  auto found = storage.find_upload(repository, storage.begin_upload(repository));
  found.session->append(as_bytes(bytes));
  if (!found.session->commit(digest)) throw std::logic_error("put_blob");
  return digest;
}

oci::Digest put_manifest(testregistry::Storage& storage, const std::string& repository,
                         const std::string& media_type, const std::string& bytes,
                         const std::string& tag) {
  const oci::Digest digest = oci::Digest::of(bytes);
  testregistry::NewManifest manifest{digest, media_type, bytes};
  if (!tag.empty()) manifest.tags.push_back(tag);
  storage.put_manifest(repository, manifest);
  return digest;
}

oci::Digest put_image(testregistry::Storage& storage, const std::string& repository,
                      const std::vector<std::string>& layers, const std::string& tag,
                      const ImageOptions& options) {
  const std::string manifest_type = options.oci
                                        ? "application/vnd.oci.image.manifest.v1+json"
                                        : "application/vnd.docker.distribution.manifest.v2+json";
  const std::string config_type = options.oci ? "application/vnd.oci.image.config.v1+json"
                                              : "application/vnd.docker.container.image.v1+json";
  const std::string layer_type = options.oci ? "application/vnd.oci.image.layer.v1.tar"
                                             : "application/vnd.docker.image.rootfs.diff.tar.gzip";
  std::string diff_ids;
  std::string list;
  for (const std::string& layer : layers) {
    put_blob(storage, repository, layer);
    diff_ids += fmt::format("{}\"{}\"", diff_ids.empty() ? "" : ",", oci::Digest::of(layer).str());
    list += (list.empty() ? "" : ",") + descriptor(layer_type, layer);
  }
  const std::string config = fmt::format(
      R"({{"architecture":"{}","os":"linux","config":{{"Labels":{}}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}})",
      options.architecture, options.labels_json, diff_ids);
  put_blob(storage, repository, config);
  return put_manifest(
      storage, repository, manifest_type,
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})",
                  manifest_type, descriptor(config_type, config), list),
      tag);
}

oci::Digest put_index(testregistry::Storage& storage, const std::string& repository,
                      const std::vector<std::pair<oci::Digest, std::string>>& children,
                      const std::string& tag) {
  std::string list;
  for (const auto& [digest, architecture] : children) {
    const auto child = storage.find_manifest(repository, digest);
    list += fmt::format(
        R"({}{{"mediaType":"{}","size":{},"digest":"{}","platform":{{"os":"linux","architecture":"{}"}}}})",
        list.empty() ? "" : ",", child->media_type, testregistry::content_length(child->content),
        digest.str(), architecture);
  }
  const std::string type = "application/vnd.oci.image.index.v1+json";
  return put_manifest(
      storage, repository, type,
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})", type, list), tag);
}

std::string images_lock(const std::vector<std::string>& references) {
  std::string lock = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n";
  if (!references.empty()) lock += "images:\n";
  for (const std::string& reference : references) lock += "- image: " + reference + "\n";
  return lock;
}

oci::Digest put_bundle(testregistry::Storage& storage, const std::string& repository,
                       const std::string& lock, const std::string& tag) {
  StringSink compressed;
  GzipWriter gzip(compressed);
  gzip.write(as_bytes(make_tar({{".imgpkg", "", '5', 0700},
                                {".imgpkg/images.yml", lock, '0', 0600},
                                {"config.yml", "setting: 1\n", '0', 0600}})));
  gzip.finish();
  return put_image(storage, repository, {compressed.text()}, tag,
                   {.oci = false, .labels_json = R"({"dev.carvel.imgpkg.bundle":"true"})"});
}

}  // namespace tote::test

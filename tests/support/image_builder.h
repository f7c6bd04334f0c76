// Images for tests, put straight into a registry's storage.
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/storage.h"

#include <string>
#include <utility>
#include <vector>

namespace tote::test {

struct TarMember {
  std::string name;
  std::string content = {};
  char type = '0';  // '0' file, '1' hard link, '2' symbolic link, '3' device, '5' directory
  unsigned mode = 0644;
  std::string link_target = {};
};

// An uncompressed tar with members as given, however hostile their names.
std::string make_tar(const std::vector<TarMember>& members);
// The same bytes every time for one seed; does not compress.
std::string random_bytes(std::size_t size, unsigned seed);

oci::Digest put_blob(testregistry::Storage& storage, const std::string& repository,
                     const std::string& bytes);
oci::Digest put_manifest(testregistry::Storage& storage, const std::string& repository,
                         const std::string& media_type, const std::string& bytes,
                         const std::string& tag = {});

struct ImageOptions {
  bool oci = true;  // OCI media types, else Docker's
  std::string labels_json = "{}";
  std::string architecture = "amd64";
};
// Layers are stored as they are given (tars, compressed or not).
oci::Digest put_image(testregistry::Storage& storage, const std::string& repository,
                      const std::vector<std::string>& layers, const std::string& tag = {},
                      const ImageOptions& options = {});
// An index of images that are in the repository already, with their platforms.
oci::Digest put_index(testregistry::Storage& storage, const std::string& repository,
                      const std::vector<std::pair<oci::Digest, std::string>>& children,
                      const std::string& tag = {});

// An images lock naming these references.
std::string images_lock(const std::vector<std::string>& references);
// A bundle whose layer holds such a lock and some files.
oci::Digest put_bundle(testregistry::Storage& storage, const std::string& repository,
                       const std::string& lock, const std::string& tag = {});

}  // namespace tote::test

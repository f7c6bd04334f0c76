// The bundles of imgpkg's example, and an image with a layer that must not be handed on.
#pragma once

#include "tests/e2e/imgpkg.h"
#include "tests/support/image_builder.h"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace tote {

class ImgpkgCopy : public Imgpkg {
 protected:
  // The bundles of the behaviour's example: outer names nested, inner and an image, nested names
  // inner and an image.
  void put_example() {
    auto& storage = registry_.storage();
    img1_ = test::put_image(storage, "src/img1", {"1"});
    img2_ = test::put_image(storage, "src/img2", {"2"});
    inner_ = test::put_bundle(storage, "src/inner", test::images_lock({at("src/img1", *img1_)}));
    nested_ =
        test::put_bundle(storage, "src/nested",
                         test::images_lock({at("src/inner", *inner_), at("src/img2", *img2_)}));
    outer_ = test::put_bundle(storage, "src/outer",
                              test::images_lock({at("src/nested", *nested_),
                                                 at("src/inner", *inner_), at("src/img1", *img1_)}),
                              "2.0");
  }

  std::string exported() {
    return fmt::format(
        "copy | exporting 5 images...\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | will export {}\n"
        "copy | exported 5 images\n",
        at("src/img1", *img1_), at("src/img2", *img2_), at("src/inner", *inner_),
        at("src/nested", *nested_), at("src/outer", *outer_));
  }

  // An image with a layer that must not be handed on, whose blob is only sometimes there.
  oci::Digest put_restricted(bool with_blob) {
    auto& storage = registry_.storage();
    if (with_blob) test::put_blob(storage, "src/ndl", kRestricted);
    const std::string config = R"({"rootfs":{"type":"layers","diff_ids":[]}})";
    test::put_blob(storage, "src/ndl", config);
    test::put_blob(storage, "src/ndl", "free");
    const auto layer = [](const std::string& type, const std::string& bytes) {
      return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type,
                         oci::Digest::of(bytes).str(), bytes.size());
    };
    return test::put_manifest(
        storage, "src/ndl", "application/vnd.docker.distribution.manifest.v2+json",
        fmt::format(
            R"({{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{},"layers":[{},{}]}})",
            layer("application/vnd.docker.container.image.v1+json", config),
            layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", kRestricted),
            layer("application/vnd.docker.image.rootfs.diff.tar.gzip", "free")),
        "v1");
  }
  std::string skipped(const std::string& reference) {
    return fmt::format(
        "copy | Warning: Skipped the followings layer(s) due to it being non-distributable. If you "
        "would like to include non-distributable layers, use the "
        "--include-non-distributable-layers flag\n"
        "copy |  - Image: {}\n"
        "copy |    Layers:\n"
        "copy |      - {}\n",
        reference, oci::Digest::of(kRestricted).str());
  }

  static inline const std::string kRestricted = "of a vendor";
  std::optional<oci::Digest> img1_, img2_, inner_, nested_, outer_;
};

}  // namespace tote

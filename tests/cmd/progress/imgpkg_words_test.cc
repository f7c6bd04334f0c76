#include "cmd/progress/imgpkg_words.h"

#include <gtest/gtest.h>

namespace tote::cmd {
namespace {

using std::chrono::milliseconds;

const oci::Repository kApp{"a.io", "app"};
const oci::Digest kDigest = oci::Digest::of("x");

TEST(ImgpkgWords, NamesLayersAsTheArchiveDoesThatIsWritten) {
  const copy::BlobWork layer{{"l", kDigest, 1}, kApp};
  const copy::BlobFinished finished{layer, copy::BlobOutcome::kSent, milliseconds(12)};
  ImgpkgWords repository;
  EXPECT_EQ(repository.of(finished), "") << "no file";
  ImgpkgWords imgpkg;
  EXPECT_EQ(imgpkg.of(bundle::ArchiveBegun{archive::ArchiveFormat::kImgpkg, milliseconds(1)}),
            "done: file 'manifest.json' (1ms)\n");
  EXPECT_EQ(imgpkg.of(finished), "done: file 'sha256-" + kDigest.hex() + ".tar.gz' (12ms)\n");
  ImgpkgWords oci;
  EXPECT_EQ(oci.of(bundle::ArchiveBegun{archive::ArchiveFormat::kOci, milliseconds(1)}),
            "done: file 'index.json' (1ms)\n");
  EXPECT_EQ(oci.of(finished), "done: file 'blobs/sha256/" + kDigest.hex() + "' (12ms)\n");
}

TEST(ImgpkgWords, SaysNothingOfWhatIsNoLayer) {
  ImgpkgWords text;
  text.of(bundle::ArchiveBegun{archive::ArchiveFormat::kImgpkg, {}});
  const copy::BlobWork config{{"c", kDigest, 1}, kApp, copy::BlobKind::kConfig};
  EXPECT_EQ(text.of(copy::BlobFinished{config, copy::BlobOutcome::kAlreadyThere, {}}), "");
}

TEST(ImgpkgWords, SaysOfAnArchiveThatIsReadOnlyWhereItGoes) {
  ImgpkgWords text;
  EXPECT_EQ(text.of(bundle::ImagesSelected{2, false}), "exporting 2 images...\n");
  EXPECT_EQ(text.of(bundle::ImagesSelected{2, true}), "");
  EXPECT_EQ(text.of(bundle::CopyToRepositoryBegun{kApp, 2}), "importing 2 images...\n");
}

TEST(ImgpkgWords, NamesSkippedLayersAtTheirDestination) {
  ImgpkgWords text;
  const std::vector<copy::RestrictedImage> images{{kApp, kDigest, {oci::Digest::of("l")}}};
  const oci::Repository elsewhere{"b.io", "dst"};
  EXPECT_NE(text.of(bundle::RestrictedLayers{images, false, &elsewhere})
                .find(" - Image: b.io/dst@" + kDigest.str() + "\n   Layers:\n     - " +
                      oci::Digest::of("l").str() + "\n"),
            std::string::npos);
  EXPECT_NE(text.of(bundle::RestrictedLayers{images, false, nullptr}).find("a.io/app@"),
            std::string::npos);
  EXPECT_EQ(text.of(bundle::RestrictedLayers{images, true, &elsewhere}), "");
  EXPECT_NE(text.of(bundle::RestrictedLayers{{}, true, &elsewhere}).find("no images contained"),
            std::string::npos);
  EXPECT_EQ(text.of(bundle::RestrictedLayers{{}, false, &elsewhere}), "");
}

TEST(ImgpkgWords, IndentsBundlesInBundles) {
  ImgpkgWords text;
  EXPECT_EQ(text.of(bundle::LayerExtracted{kDigest, 1, 2, 0}),
            "Extracting layer '" + kDigest.str() + "' (1/2)\n");
  EXPECT_EQ(text.of(bundle::NestedBundleSkipped{"x", 2}),
            "    Pulling nested bundle 'x'\n    Skipped, already downloaded\n");
}

}  // namespace
}  // namespace tote::cmd

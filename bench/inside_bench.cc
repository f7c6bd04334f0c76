// What a command does between its requests, without disk and network.
//
//   Hash/threads:N            SHA-256, a stream for each thread; beside HashByOpenSsl/threads:N,
//   and
//                             without SHA instructions where OPENSSL_ia32cap=:~0x20000000 says so
//   ParseManifest/N           with N layers
//   Plan/N, LayOutArchive/N   of N images with two layers
//   ParseLock/N               an images lock of N images
//   PackLayer/threads:1       of 2,000 text files of 4 KiB, read from /dev/shm
#include "archive/archive_layout.h"
#include "base/hash.h"
#include "bench/many_images.h"
#include "bundle/images_lock.h"
#include "bundle/layer_packer.h"
#include "bundle/push_files.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

namespace {

namespace fs = std::filesystem;
using tote::bench::ManyImages;

constexpr std::size_t kPiece = 128U << 10U;
constexpr std::size_t kPieces = 256;

void hash(benchmark::State& state) {
  const std::string piece(kPiece, 'x');
  for (auto _ : state) {
    tote::Hasher hasher(tote::HashAlgorithm::kSha256);
    for (std::size_t i = 0; i < kPieces; ++i) hasher.update(tote::as_bytes(piece));
    benchmark::DoNotOptimize(hasher.finish());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPiece * kPieces));
}

void hash_by_openssl(benchmark::State& state) {
  const std::string piece(kPiece, 'x');
  std::array<unsigned char, 32> digest{};
  for (auto _ : state) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    for (std::size_t i = 0; i < kPieces; ++i)
      EVP_DigestUpdate(context.get(), piece.data(), piece.size());
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    benchmark::DoNotOptimize(digest);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPiece * kPieces));
}

std::size_t count_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void parse_manifest(benchmark::State& state) {
  const tote::oci::Descriptor config{.media_type = "application/vnd.oci.image.config.v1+json",
                                     .digest = tote::oci::Digest::of("config"),
                                     .size = 6};
  const std::string text = tote::bench::manifest_text(config, 0, count_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(tote::oci::Manifest::parse(text, {}));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void plan(benchmark::State& state) {
  ManyImages images(count_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(images.plan());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void lay_out_archive(benchmark::State& state) {
  const tote::oci::Contents contents = ManyImages(count_of(state)).plan().contents;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        tote::archive::lay_out(contents, tote::archive::ArchiveFormat::kImgpkg));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

std::string lock_text(std::size_t count) {
  std::string text = "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n";
  for (std::size_t i = 0; i < count; ++i)
    text += fmt::format(
        "- annotations:\n    kbld.carvel.dev/id: example/image:{0}\n  image: "
        "registry.test/image{0}@{1}\n",
        i, tote::oci::Digest::of(fmt::format("image {}", i)).str());
  return text + "kind: ImagesLock\n";
}

void parse_lock(benchmark::State& state) {
  const std::string text = lock_text(count_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(tote::bundle::ImagesLock::parse(text, "lock"));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// Text files in memory, which go with it.
class TextFiles {
 public:
  static constexpr std::size_t kCount = 2'000;
  static constexpr std::size_t kSize = 4096;

  TextFiles() {
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("no directory");
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kCount; ++i)
      std::ofstream(fs::path(directory_) / fmt::format("file{:04}.txt", i)) << text(random);
  }
  TextFiles(const TextFiles&) = delete;
  TextFiles& operator=(const TextFiles&) = delete;
  ~TextFiles() {
    std::error_code ignored;  // a destructor has nobody to tell
    fs::remove_all(directory_, ignored);
  }

  const std::string& directory() const { return directory_; }

 private:
  static std::string text(std::mt19937& random) {
    std::string all;
    while (all.size() < kSize) all += fmt::format("setting{}: {}\n", random() % 1000, random());
    all.resize(kSize);
    return all;
  }

  std::string directory_ = "/dev/shm/tote-bench-XXXXXX";
};

void pack_layer(benchmark::State& state) {
  const TextFiles files;
  const auto collected = tote::bundle::collect_files({files.directory()}, {});
  for (auto _ : state)
    benchmark::DoNotOptimize(
        tote::bundle::pack_layer(collected, tote::bundle::Permissions::kOwnerOnly));
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(TextFiles::kCount * TextFiles::kSize));
}

}  // namespace

// Processor time of all threads: what the others leave of the machine does not change it much.
BENCHMARK(hash)->Name("Hash")->ThreadRange(1, 16)->MeasureProcessCPUTime()->UseRealTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(hash_by_openssl)
    ->Name("HashByOpenSsl")
    ->ThreadRange(1, 16)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(parse_manifest)->Name("ParseManifest")->Arg(3)->Arg(100)->Unit(benchmark::kMicrosecond);
BENCHMARK(plan)->Name("Plan")->Arg(150)->Arg(10'000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(lay_out_archive)
    ->Name("LayOutArchive")
    ->Arg(150)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(parse_lock)->Name("ParseLock")->Arg(150)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(pack_layer)->Name("PackLayer")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();

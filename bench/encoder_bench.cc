// The layer encoder beside zlib's level 1, over the same bytes in the same run.
//
//   Encode/<corpus>   our GzipWriter, on one core
//   EncodeOnTwoCores/<corpus>
//   Zlib/<corpus>     deflate at level 1 with a gzip header
//
// Corpora: the C headers of this machine, base64 text, this machine's shared libraries; 32 MiB
// each.
#include "base/codec/gzip_writer.h"
#include "base/text.h"

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCorpusSize = 32U << 20U;

std::string files_below(const fs::path& directory, const std::string& ending) {
  std::string all;
  const auto options = fs::directory_options::skip_permission_denied;
  for (const auto& entry : fs::recursive_directory_iterator(directory, options)) {
    if (all.size() >= kCorpusSize) break;
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.find(ending) == std::string::npos) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  all.resize(std::min(all.size(), kCorpusSize));
  return all;
}

std::string base64_text() {
  std::mt19937_64 random(1);
  std::string bytes(kCorpusSize / 4 * 3, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return tote::base64_encode(bytes);
}

const std::string& corpus(std::int64_t which) {
  static const std::string kHeaders = files_below("/usr/include", ".h");
  static const std::string kBase64 = base64_text();
  static const std::string kLibraries = files_below("/usr/lib/x86_64-linux-gnu", ".so");
  return which == 0 ? kHeaders : which == 1 ? kBase64 : kLibraries;
}

class CountingSink final : public tote::Sink {
 public:
  void write(tote::ConstBytes data) override { size += data.size(); }
  std::size_t size = 0;
};

void report(benchmark::State& state, std::size_t in, std::size_t out) {
  state.SetBytesProcessed(static_cast<std::int64_t>(in) *
                          static_cast<std::int64_t>(state.iterations()));
  state.counters["ratio"] = static_cast<double>(in) / static_cast<double>(out);
}

void encode(benchmark::State& state, tote::GzipThreads threads) {
  const std::string& text = corpus(state.range(0));
  std::size_t size = 1;
  for (auto _ : state) {
    CountingSink out;
    tote::GzipWriter gzip(out, threads);
    gzip.write(tote::as_bytes(text));
    gzip.finish();
    size = out.size;
  }
  report(state, text.size(), size);
}

void zlib(benchmark::State& state) {
  const std::string& text = corpus(state.range(0));
  std::string out(text.size() + (1U << 20U), '\0');
  std::size_t size = 1;
  for (auto _ : state) {
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    size = stream.total_out;
    deflateEnd(&stream);
  }
  report(state, text.size(), size);
}

}  // namespace

BENCHMARK_CAPTURE(encode, one, tote::GzipThreads::kOne)
    ->Name("Encode")
    ->ArgName("corpus")
    ->DenseRange(0, 2)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode, two, tote::GzipThreads::kTwo)
    ->Name("EncodeOnTwoCores")
    ->ArgName("corpus")
    ->DenseRange(0, 2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(zlib)->Name("Zlib")->ArgName("corpus")->DenseRange(0, 2)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();

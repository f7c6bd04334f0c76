// The registry's answers as its connections get them, without sockets: what stands in front, the
// API and a storage in memory.
//
//   GetManifest, HeadManifest    by tag
//   GetBlob                      16 KiB
//   HeadMissingBlob              what every push asks first
//   PostBlob/N                   N bytes in one request, of a blob that is there already
#include "testregistry/handler_chain.h"
#include "testregistry/storage/memory_storage.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <stdexcept>

namespace {

namespace tr = tote::testregistry;
using tote::oci::Digest;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";

std::string manifest_text(const std::string& blob) {
  const std::string digest = Digest::of(blob).str();
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{0}","config":{{"mediaType":)"
      R"("application/vnd.oci.image.config.v1+json","digest":"{1}","size":{2}}},"layers":[)"
      R"({{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{1}","size":{2}}}]}})",
      kManifestType, digest, blob.size());
}

// A registry with one image.
class Registry {
 public:
  Registry() {
    require(upload(blob_), 201);
    const std::string manifest = manifest_text(blob_);
    tr::RequestHead head = request("PUT", "manifests/v1");
    head.headers = {{"Content-Type", kManifestType}};
    head.content_length = manifest.size();
    require(answer(head, manifest), 201);
  }

  static tr::RequestHead request(const std::string& method, const std::string& what) {
    return {.method = method,
            .path = "/v2/app/" + what,
            .query = {},
            .headers = {},
            .content_length = {}};
  }

  std::string blob_path() const { return "blobs/" + Digest::of(blob_).str(); }

  tr::Response answer(const tr::RequestHead& head, std::string_view body = {}) {
    tr::Handler& handler = chain_.outermost();
    if (auto now = handler.answer_now(head)) return *std::move(now);
    tr::Begun begun = handler.begin(head);
    if (auto* response = std::get_if<tr::Response>(&begun)) return std::move(*response);
    const auto exchange = std::get<std::unique_ptr<tr::Exchange>>(std::move(begun));
    if (!body.empty()) exchange->on_body(tote::as_bytes(body));
    return exchange->finish();
  }

  tr::Response upload(const std::string& blob) { return upload(blob, Digest::of(blob).str()); }
  tr::Response upload(const std::string& blob, const std::string& digest) {
    tr::RequestHead head = request("POST", "blobs/uploads/");
    head.query = {{"digest", digest}};
    head.content_length = blob.size();
    return answer(head, blob);
  }

  static void require(const tr::Response& response, int status) {
    if (response.status != status)
      throw std::runtime_error(fmt::format("want {}, got {}", status, response.status));
  }

 private:
  const std::string blob_ = std::string(16U << 10U, 'b');
  tr::MemoryStorage storage_;
  tr::HandlerChain chain_{tr::RegistryConfig{}, storage_, nullptr, [](std::string_view) {},
                          nullptr};
};

void ask(benchmark::State& state, const std::string& method, const std::string& what, int status) {
  Registry registry;
  const tr::RequestHead head = Registry::request(method, what);
  Registry::require(registry.answer(head), status);
  for (auto _ : state) benchmark::DoNotOptimize(registry.answer(head));
  state.SetItemsProcessed(state.iterations());
}

void post_blob(benchmark::State& state) {
  Registry registry;
  const std::string blob(static_cast<std::size_t>(state.range(0)), 'p');
  const std::string digest = Digest::of(blob).str();
  for (auto _ : state) Registry::require(registry.upload(blob, digest), 201);
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

}  // namespace

BENCHMARK_CAPTURE(ask, get, "GET", "manifests/v1", 200)->Name("GetManifest");
BENCHMARK_CAPTURE(ask, head, "HEAD", "manifests/v1", 200)->Name("HeadManifest");
BENCHMARK_CAPTURE(ask, blob, "GET", Registry().blob_path(), 200)->Name("GetBlob");
BENCHMARK_CAPTURE(ask, missing, "HEAD", "blobs/" + Digest::of("missing").str(), 404)
    ->Name("HeadMissingBlob");
BENCHMARK(post_blob)->Name("PostBlob")->Arg(16 << 10)->Arg(16 << 20);
BENCHMARK_MAIN();

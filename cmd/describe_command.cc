#include "archive/archive_reader.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/describe.h"
#include "bundle/describe_output.h"
#include "cmd/command.h"
#include "cmd/registry_flags.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace tote::cmd {
namespace {

constexpr int kMaxConcurrency = 256;

struct DescribeCommandOptions {
  std::string bundle;
  std::string tar;
  std::string output_type = "text";
  bool layers = true;
  bool cosign_artifacts = true;
  int concurrency = 5;
  RegistryFlags registry;
};

using Print = std::string (*)(const bundle::DescribedBundle&);

Print printer(const std::string& output_type) {
  if (output_type == "text") return bundle::describe_as_text;
  if (output_type == "yaml") return bundle::describe_as_yaml;
  if (output_type == "json") return bundle::describe_as_json;
  throw Error(ErrorKind::kUsage,
              "--output-type can only have the following values [text, yaml, json]");
}

void check(const DescribeCommandOptions& options) {
  if (!options.bundle.empty() && !options.tar.empty())
    throw Error(ErrorKind::kUsage, "Expected either --bundle (-b) or --tar, not both");
  if (options.concurrency < 1 || options.concurrency > kMaxConcurrency)
    throw Error(ErrorKind::kUsage, fmt::format("Expected --concurrency to be 1 to {}, got {}",
                                               kMaxConcurrency, options.concurrency));
}

// An archive knows where each image was copied from; only there is it found.
class RepositoryInArchive final : public oci::ImageReader {
 public:
  RepositoryInArchive(archive::ArchiveReader& archive, oci::Repository repository)
      : archive_(archive), repository_(std::move(repository)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override {
    auto found = archive_.resolve(tag_or_digest, std::move(stop));
    return found && is_here(found->digest) ? found : std::nullopt;
  }
  oci::RawManifest fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override {
    oci::RawManifest manifest = archive_.fetch_manifest(tag_or_digest, std::move(stop));
    if (!is_here(manifest.descriptor.digest))
      throw Error(ErrorKind::kNotFound,
                  fmt::format("archive '{}' has no image '{}' of {}", archive_.path().string(),
                              tag_or_digest, repository_.name()));
    return manifest;
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    return archive_.has_blob(blob, std::move(stop));
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    return archive_.open_blob(blob, offset, std::move(stop));
  }

 private:
  // Children of an index are where that is.
  bool is_here(const oci::Digest& digest) const {
    bool elsewhere = false;
    for (const oci::CarriedImage& image : archive_.contents().images) {
      if (image.target.digest != digest) continue;
      if (image.repository == repository_) return true;
      elsewhere = true;
    }
    return !elsewhere;
  }

  archive::ArchiveReader& archive_;
  oci::Repository repository_;
};

class Describe {
 public:
  Describe(const DescribeCommandOptions& options, CommandContext& context)
      : options_(options),
        context_(context),
        stop_(context.stop),
        pool_(static_cast<std::size_t>(options.concurrency)) {}

  bundle::DescribedBundle from_registry() {
    const auto client = options_.registry.make_client(context_);
    copy::Metadata metadata(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client->repository(name); });
    const auto [repository, manifest] = while_doing(
        [&] { return fmt::format("Unable to check if {} is a bundle", options_.bundle); },
        [&] { return fetch(metadata); });
    return describe(repository, manifest, options_.bundle, metadata);
  }

  bundle::DescribedBundle from_archive() {
    archive::ArchiveReader archive(options_.tar);
    std::mutex mutex;
    std::map<oci::Repository, RepositoryInArchive> repositories;
    copy::Metadata metadata([&](const oci::Repository& name) -> oci::ImageReader& {
      const std::lock_guard lock(mutex);
      return repositories.try_emplace(name, archive, name).first->second;
    });
    const auto& images = archive.contents().images;
    const auto root =
        std::find_if(images.begin(), images.end(), [](const oci::CarriedImage& image) {
          return image.labels.contains(oci::kRootBundleLabel);
        });
    if (root == images.end())
      throw Error(ErrorKind::kUsage,
                  fmt::format("Only bundles can be described, and {} holds none", options_.tar));
    return describe(root->repository,
                    metadata.manifest(root->repository, root->target.digest.str(), stop_),
                    root->reference(), metadata);
  }

 private:
  std::pair<oci::Repository, oci::RawManifest> fetch(copy::Metadata& metadata) const {
    const oci::Reference reference = oci::Reference::parse(options_.bundle);
    return while_doing(
        [] { return "Fetching image"; },
        [&] {
          return std::pair(reference.repository,
                           metadata.manifest(reference.repository, reference.identifier(), stop_));
        });
  }

  bundle::DescribedBundle describe(const oci::Repository& repository,
                                   const oci::RawManifest& manifest, const std::string& name,
                                   copy::Metadata& metadata) {
    if (!bundle::is_bundle(manifest, repository, metadata, stop_))
      throw Error(ErrorKind::kUsage,
                  fmt::format("Only bundles can be described, and {} is not a bundle", name));
    return bundle::describe(repository, manifest, {options_.layers, options_.cosign_artifacts},
                            metadata, pool_, stop_);
  }

  const DescribeCommandOptions& options_;
  const CommandContext& context_;
  std::stop_token stop_;
  ThreadPool pool_;
};

void run(const DescribeCommandOptions& options, CommandContext& context) {
  const Print print = printer(options.output_type);
  check(options);
  Describe describe(options, context);
  context.ui.block(print(options.tar.empty() ? describe.from_registry() : describe.from_archive()));
}

}  // namespace

Command describe_command() {
  Command command;
  command.name = "describe";
  command.summary = "Describe the images and bundles associated with a given bundle";
  command.examples =
      "  # Describe a bundle\n"
      "  tote describe -b carvel.dev/app1-bundle\n\n"
      "  # What an archive holds, as JSON\n"
      "  tote describe --tar app1.tar -o json";
  auto options = std::make_shared<DescribeCommandOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Bundle reference to describe");
  flags.add_string("tar", 0, options->tar, "Archive whose bundle to describe");
  flags.add_string("output-type", 'o', options->output_type,
                   "Type of output possible values: [text, yaml, json]");
  flags.add_bool("layers", 0, options->layers, "Show the digests of layers");
  flags.add_bool("cosign-artifacts", 0, options->cosign_artifacts,
                 "Retrieve cosign artifact information");
  flags.add_int("concurrency", 0, options->concurrency, "Concurrency");
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) { run(*options, context); };
  return command;
}

}  // namespace tote::cmd

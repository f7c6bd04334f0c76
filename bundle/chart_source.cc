#include "bundle/chart_source.h"

#include "archive/choose_image.h"
#include "base/error.h"
#include "base/version.h"
#include "bundle/relocated_name.h"
#include "chart/repository_index.h"
#include "transport/location.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

constexpr std::string_view kOci = "oci://";

std::string without_scheme(const std::string& name) {
  return name.starts_with(kOci) ? name.substr(kOci.size()) : name;
}

bool names_one(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return name.find_first_of(":@", slash == std::string::npos ? 0 : slash) != std::string::npos;
}

// The tag of the version that is meant.
std::string choose_tag(const oci::Repository& repository, const std::string& wanted,
                       std::vector<std::string> tags) {
  const std::vector<std::string> versions = chart::versions_among(std::move(tags));
  const std::ptrdiff_t chosen = chart::choose_version(versions, wanted);
  if (chosen < 0)
    throw Error(ErrorKind::kNotFound, fmt::format("'{}' has no version '{}' of the chart",
                                                  repository.name(), wanted.empty() ? "*" : wanted))
        .with_hint(versions.empty() ? "no tag of it is a version"
                                    : fmt::format("it has {} versions", versions.size()));
  return chart::tag_of_version(versions[static_cast<std::size_t>(chosen)]);
}

// A directory, as URLs have it.
std::string directory_url(const std::string& url) {
  const std::string clean = transport::resolve_url(url, url);
  return clean.ends_with('/') ? clean : clean + "/";
}

void check_content(const chart::ChartPackage& package, const WebChart& wanted,
                   const chart::IndexEntry& entry, const std::string& url) {
  const chart::ChartMetadata& is = package.chart->metadata;
  if (is.name != wanted.name || is.version != entry.version)
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' is chart '{}' {}, and the index calls it '{}' {}", url, is.name,
                            is.version, wanted.name, entry.version));
}

void check_digest(const std::string& bytes, const std::string& digest, const std::string& url) {
  const std::string got = oci::Digest::of(bytes).hex();
  if (!digest.empty() && got != digest)
    throw Error(ErrorKind::kDigestMismatch,
                fmt::format("'{}' has the digest sha256:{}, and the index wants sha256:{}", url,
                            got, digest));
}

class WebFetch {
 public:
  WebFetch(const WebChart& wanted, registry::Client& client, const Session& session)
      : wanted_(wanted),
        directory_(directory_url(wanted.repository)),
        client_(client),
        session_(session) {}

  FetchedChart run() {
    const std::string index_url = transport::resolve_url(directory_, "index.yaml");
    const std::string index = get(index_url, chart::kMaxIndexSize);
    const chart::IndexEntry entry = chart::find_in_index(index, transport::redact_url(index_url),
                                                         wanted_.name, wanted_.version);
    const std::string& reference = entry.urls.front();
    if (reference.starts_with(kOci)) return fetch_elsewhere(entry, reference);
    return fetch(entry, transport::follow(index_url, reference));
  }

 private:
  FetchedChart fetch_elsewhere(const chart::IndexEntry& entry, const std::string& reference) {
    FetchedChart fetched = fetch_chart(RegistryChart{reference, entry.version}, client_, session_);
    check_digest(fetched.package.bytes, entry.digest, fetched.origin);
    check_content(fetched.package, wanted_, entry, fetched.origin);
    return fetched;
  }

  FetchedChart fetch(const chart::IndexEntry& entry, const std::string& url) {
    const std::string shown = transport::redact_url(url);
    std::string bytes = get(url, chart::kMaxPackageSize);
    check_digest(bytes, entry.digest, shown);
    FetchedChart fetched{chart::read_package(std::move(bytes), shown), shown, false,
                         !entry.digest.empty()};
    check_content(fetched.package, wanted_, entry, shown);
    fetched.package.provenance = provenance(url);
    return fetched;
  }

  // Most charts have none. Object stores answer 403 for what is not there, other hosts than the
  // repository's also 401, and some servers send a page instead.
  std::string provenance(const std::string& url) {
    const std::size_t query = url.find('?');
    std::string beside = url;
    beside.insert(std::min(query, url.size()), ".prov");
    try {
      std::string signed_text = get(beside, chart::kMaxProvenanceSize);
      return signed_text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----") ? signed_text : "";
    } catch (const Error& error) {
      const bool is_absent = error.kind() == ErrorKind::kNotFound ||
                             error.kind() == ErrorKind::kForbidden ||
                             (error.kind() == ErrorKind::kUnauthorized && !is_ours(url));
      if (!is_absent) throw;
      return {};
    }
  }

  bool is_ours(const std::string& url) const {
    return transport::origin_of(url) == transport::origin_of(directory_);
  }

  std::string get(const std::string& url, std::uint64_t limit) {
    return client_.web().fetch(url, limit,
                               is_ours(url) ? registry::LogIn::kIfAsked : registry::LogIn::kNever,
                               session_.stop);
  }

  const WebChart& wanted_;
  const std::string directory_;
  registry::Client& client_;
  const Session& session_;
};

}  // namespace

FoundChart find_chart(const RegistryChart& wanted, registry::Client& client,
                      copy::ManifestCache& cache, const std::stop_token& stop) {
  const std::string name = without_scheme(wanted.name);
  oci::Reference reference;
  if (names_one(name)) {
    reference = oci::Reference::parse(name);
    if (!wanted.version.empty() && reference.tag != chart::tag_of_version(wanted.version))
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' names a version, and so does '{}'", name, wanted.version));
  } else {
    reference.repository = oci::Repository::parse(name);
    reference.tag = choose_tag(reference.repository, wanted.version,
                               client.repository(reference.repository).tags(stop));
  }
  const oci::ManifestPtr manifest =
      cache.manifest(reference.repository, reference.identifier(), stop);
  if (!is_chart(*manifest))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no chart", reference.name()))
        .with_hint("-b is for bundles, -i for images");
  return {reference.repository, reference.tag, manifest};
}

const oci::CarriedImage& find_chart(const RegistryChart& wanted,
                                    const archive::ArchiveReader& archive) {
  const std::string name = without_scheme(wanted.name);
  if (names_one(name)) return archive::choose_image(archive, name);
  const oci::Repository repository = oci::Repository::parse(name);
  std::vector<std::string> tags;
  for (const oci::CarriedImage& image : archive.contents().images)
    if (image.repository == repository) tags.push_back(image.tag);
  const std::string tag = choose_tag(repository, wanted.version, std::move(tags));
  return archive::choose_image(archive, oci::Reference{repository, tag, {}}.name());
}

FetchedChart fetch_chart(const WebChart& wanted, registry::Client& client, const Session& session) {
  return while_doing(
      [&] {
        return fmt::format("Fetching chart '{}' from '{}'", wanted.name,
                           transport::redact_url(wanted.repository));
      },
      [&] { return WebFetch(wanted, client, session).run(); });
}

FetchedChart fetch_chart(const RegistryChart& wanted, registry::Client& client,
                         const Session& session) {
  return while_doing(
      [&] { return fmt::format("Fetching chart '{}'", wanted.name); },
      [&] {
        copy::ManifestCache cache(
            [&](const oci::Repository& name) -> oci::ImageReader& { return client.source(name); });
        const FoundChart found = find_chart(wanted, client, cache, session.stop);
        PulledChart pulled = read_chart(*found.manifest, found.repository, cache, session.stop);
        LockedImage locked{{found.repository, {}, found.manifest->digest()}};
        const std::string own = chart::tag_of_version(pulled.package.chart->metadata.version);
        if (!wanted.version.empty() && found.tag != own)
          throw Error(ErrorKind::kParse, fmt::format("'{}' has version {} of the chart", found.tag,
                                                     pulled.package.chart->metadata.version));
        locked.annotations.emplace(
            kOriginalNameAnnotation,
            fmt::format("{}:{}", found.repository.name(), found.tag.empty() ? own : found.tag));
        const std::string origin = locked.reference.name();
        return FetchedChart{.package = std::move(pulled.package),
                            .origin = origin,
                            .is_legacy = pulled.is_legacy,
                            .locked = std::move(locked)};
      });
}

}  // namespace tote::bundle

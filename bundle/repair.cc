#include "bundle/repair.h"

#include "archive/archive_mender.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/expectation.h"
#include "bundle/image_tags.h"
#include "bundle/inspected_place.h"
#include "bundle/transfer.h"
#include "copy/execute.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tote::bundle {
namespace {

std::string with_hint(const Error& error) {
  return error.hint().empty() ? error.message()
                              : fmt::format("{} ({})", error.message(), error.hint());
}

// What is missing, damaged or leads elsewhere can be had from where it is expected from.
bool is_repairable(const Finding& finding) {
  return finding.kind != FindingKind::kExtra && finding.kind != FindingKind::kUnsigned;
}

// Does what can be done about each finding, and writes into it why not.
class Repair {
 public:
  Repair(const VerifyRequest& request, std::vector<Finding>& findings, registry::Client& client,
         const Session& session)
      : request_(request),
        findings_(findings),
        client_(client),
        session_(session),
        place_(request.place, client),
        expected_(*request.expected, place_.base(), client, session) {}

  void run() {
    if (place_.registry() != nullptr) return repair_repository();
    std::error_code failed;
    if (std::filesystem::is_directory(place_.file()->path, failed)) return repair_layout();
    repair_archive();
  }

 private:
  // Runs `step` on the findings that are about this, on the pool; what fails is written down.
  template <class Step>
  void for_each(Concern concern, Step step) {
    std::vector<Finding*> concerned;
    for (Finding& finding : findings_)
      if (finding.concern == concern && is_repairable(finding)) concerned.push_back(&finding);
    for_each_index(concerned.size(), session_.streams, session_.pool, session_.stop,
                   [&, this](std::size_t i, const std::stop_token& stop) {
                     attempt(*concerned[i], stop, step);
                   });
  }

  template <class Step>
  void attempt(Finding& finding, const std::stop_token& stop, Step step) {
    try {
      step(finding, stop);
    } catch (const Error& error) {
      finding.unrepaired = with_hint(error);
    }
  }

  // ---- where it is had -------------------------------------------------------------------------

  // The first of the sources that works; the failure of the first one counts.
  template <class Try>
  void from_sources(const Finding& finding, Try take) {
    std::optional<Error> failure;
    for (const oci::Repository& source : finding.sources) {
      try {
        return take(source);
      } catch (const Error& error) {
        if (!failure) failure = error;
      }
    }
    if (failure) throw *failure;
    throw Error(ErrorKind::kNotFound, "nothing says where it can be had");
  }

  oci::ManifestPtr manifest(const Finding& finding, const std::stop_token& stop) {
    oci::ManifestPtr found;
    from_sources(finding, [&](const oci::Repository& source) {
      found = expected_.cache().manifest(source, finding.content->digest.str(), stop);
    });
    return found;
  }

  // Whatever the place says that it has.
  template <class Writer>
  void send_blob(const Finding& finding, Writer& to, const RetryPolicy& retry,
                 const std::stop_token& stop) {
    from_sources(finding, [&](const oci::Repository& source) {
      copy::Work work;
      work.blobs.push_back({*finding.content, source});
      copy::execute(work, expected_.cache().places(), to, session_.pool,
                    {.observer = observer(), .retry = retry}, stop);
    });
  }

  // Several send at once, and nobody hears two events at once.
  copy::Observer observer() {
    if (!request_.observer) return {};
    return [this](const copy::Event& event) {
      const Lock lock(telling_);
      part_of(request_.observer)(event);
    };
  }

  // ---- repositories ----------------------------------------------------------------------------

  void repair_repository() {
    registry::RemoteRepository& to = client_.repository(place_.home());
    for_each(Concern::kBlob, [&](const Finding& finding, const std::stop_token& stop) {
      send_blob(finding, static_cast<oci::BlobWriter&>(to), to.retry_policy(), stop);
    });
    push_manifests(to);
    for_each(Concern::kTag, [&](const Finding& finding, const std::stop_token& stop) {
      to.push_manifest(*manifest(finding, stop), finding.tag, stop);
    });
  }

  // What names others comes behind them: a registry wants to have these.
  void push_manifests(registry::RemoteRepository& to) {
    std::map<oci::Digest, Finding*> waiting;
    for (Finding& finding : findings_)
      if (finding.concern == Concern::kManifest && is_repairable(finding))
        waiting.emplace(finding.content->digest, &finding);
    const auto push = [&](const Finding& finding, const std::stop_token& stop) {
      push_with_children(finding, waiting, to, stop);
    };
    while (!waiting.empty()) {
      Finding& finding = *waiting.extract(waiting.begin()).mapped();
      attempt(finding, session_.stop, push);
    }
  }

  void push_with_children(const Finding& finding, std::map<oci::Digest, Finding*>& waiting,
                          registry::RemoteRepository& to, const std::stop_token& stop) {
    const oci::ManifestPtr wanted = manifest(finding, stop);
    for (const oci::Descriptor& child : wanted->children())
      if (const auto node = waiting.extract(child.digest); !node.empty())
        attempt(*node.mapped(), stop, [&](const Finding& inner, const std::stop_token& token) {
          push_with_children(inner, waiting, to, token);
        });
    // As a copy names it, so that it is not collected as garbage.
    to.push_manifest(
        *wanted, finding.is_named ? default_tag(wanted->digest()) : wanted->digest().str(), stop);
  }

  // ---- files -----------------------------------------------------------------------------------

  void repair_layout() {
    if (std::none_of(findings_.begin(), findings_.end(), is_repairable)) return;
    try {
      transfer(*request_.expected, LayoutTarget{place_.file()->path},
               {.observer = request_.observer}, client_, session_);
    } catch (const Error& error) {
      for (Finding& finding : findings_)
        if (is_repairable(finding)) finding.unrepaired = with_hint(error);
    }
  }

  void repair_archive() {
    for (Finding& finding : findings_)
      if (is_repairable(finding) && finding.concern != Concern::kBlob)
        finding.unrepaired =
            "only blobs of an archive can be written in place (copy to it again: copy --to-tar "
            "FILE --resume takes from FILE what is right in it)";
    if (std::none_of(findings_.begin(), findings_.end(),
                     [](const Finding& finding) { return finding.concern == Concern::kBlob; }))
      return;
    place_.open(session_);
    archive::ArchiveMender to(*place_.archive());
    for_each(Concern::kBlob, [&](const Finding& finding, const std::stop_token& stop) {
      send_blob(finding, static_cast<oci::BlobWriter&>(to), {}, stop);
    });
  }

  const VerifyRequest& request_;
  std::vector<Finding>& findings_;
  registry::Client& client_;
  const Session& session_;
  InspectedPlace place_;
  Expectation expected_;
  Mutex telling_;
};

const Finding* find_same(const std::vector<Finding>& findings, const Finding& finding) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& other) { return other.is_same_as(finding); });
  return found == findings.end() ? nullptr : &*found;
}

// What was found before and after, so that the second look need not read again what nobody changed.
Repaired compare(const std::vector<Finding>& before, Verified after) {
  Repaired result{std::move(after), {}};
  for (Finding& finding : result.verified.findings)
    if (const Finding* tried = find_same(before, finding)) {
      finding.unrepaired = tried->unrepaired;
      if (is_repairable(finding) && tried->unrepaired.empty())
        finding.unrepaired =
            "it was sent once more, but the place keeps what it has (take it out of the place's "
            "storage, then repair again)";
    }
  for (const Finding& finding : before) {
    if (find_same(result.verified.findings, finding) != nullptr) continue;
    const bool is_read_only_once = finding.kind == FindingKind::kCorrupt;
    if (is_read_only_once && !finding.unrepaired.empty())
      result.verified.findings.push_back(finding);
    else
      result.repaired.push_back(finding);
  }
  sort_findings(result.verified.findings);
  return result;
}

}  // namespace

Repaired verify_and_repair(VerifyRequest request, registry::Client& client,
                           const Session& session) {
  request.asks_expected = true;
  Verified first = verify(request, client, session);
  if (first.findings.empty()) return {std::move(first), {}};
  Repair(request, first.findings, client, session).run();
  // Of what was sent the content is read; of the rest it was, if it could be and was to be.
  request.deep = false;
  for (const Finding& finding : first.findings) {
    if (finding.concern == Concern::kPlace) request.deep = true;
    if (finding.content && finding.unrepaired.empty())
      request.deep_for.insert(finding.content->digest);
  }
  Verified second = verify(request, client, session);
  second.bytes += first.bytes;
  return compare(first.findings, std::move(second));
}

}  // namespace tote::bundle

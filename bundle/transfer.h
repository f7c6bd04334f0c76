// Copying bundles and images between repositories, archives and layouts: from a source, by a plan,
// to a target.
#pragma once

#include "bundle/annotations.h"
#include "bundle/bundle_lock.h"
#include "bundle/event.h"
#include "bundle/find_attached.h"
#include "bundle/images_lock.h"
#include "bundle/relocated_name.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "bundle/since.h"
#include "bundle/size_limit.h"
#include "bundle/transfer_source.h"
#include "bundle/write_archive.h"
#include "copy/plan.h"
#include "registry/client.h"

#include <filesystem>
#include <memory>
#include <variant>

namespace tote::bundle {

struct RepositoryTarget {
  oci::Repository name;
  std::string root_tag =
      {};  // that the one image gets which was asked for; empty: it keeps its own
};
struct LayoutTarget {
  std::filesystem::path directory;
};
using TransferTarget = std::variant<RepositoryTarget, ArchiveTarget, LayoutTarget>;

struct TransferOptions {
  copy::NonDistributable non_distributable = copy::NonDistributable::kSkip;
  bool repository_based_tags = false;
  // Its words for a manifest that is not there; what is attached has tags and is named by locks.
  bool like_imgpkg = false;
  WantedAttachments attached = {};     // of an archive everything is carried that is in it
  oci::PlatformChoice platforms = {};  // of indexes; what they name else stays away
  // An index of which something stays away becomes another, for registries that take no such ones.
  bool rewrite_index = false;
  SignaturePolicy signatures = {};  // what is to be signed, before anything is written
  // Of an archive: what is left out of it (leave_out()); null: nothing.
  std::shared_ptr<const FarSide> since = {};
  // What an archive leaves out and the target lacks is fetched from where its images came from,
  // instead of being an error.
  bool fetch_missing = false;
  // Into a repository: the name that each image gets beside it; null: none.
  std::shared_ptr<const RelocatedName> also_as = {};
  bool asks_for_all = false;       // as of copy::SurveyOptions
  bool no_overwrite_tags = false;  // a tag that leads elsewhere is an error, before anything moves
  AnnotationEdits annotations = {};  // that images get on the way, which makes others of them
  SizeLimit max_size = {};
  Observer observer = {};
};

// Bundles of which none or several were asked for: an archive of old does not say which it was, a
// layout may hold what several copies brought.
struct NoRootBundle {};
// What a finished copy leads to, for --lock-output: the images at the target, or if that is a file
// where they came from.
using TransferResult = std::variant<BundleLock, ImagesLock, NoRootBundle>;

// Everything that the source names, but for images of other platforms. Into a repository, the last
// requests of all set the tags that people asked for; into a file, it comes beside what a layout
// holds, and replaces an archive. Throws Error in imgpkg's words, and Cancelled.
TransferResult transfer(const TransferSource& source, const TransferTarget& target,
                        const TransferOptions& options, registry::Client& client,
                        const Session& session);

}  // namespace tote::bundle

// What a copy would do, as a value that can be shown, kept in a file and compared
// (docs/formats.md, "Plan").
#pragma once

#include "bundle/cargo.h"
#include "bundle/session.h"
#include "bundle/transfer.h"
#include "copy/work.h"
#include "oci/digest.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

// Bytes of the blobs of an image, or of all: what is left to be done with them.
struct PlannedBytes {
  std::uint64_t to_move = 0;
  std::uint64_t to_mount = 0;
  std::uint64_t there = 0;
};

struct PlannedImage {
  std::string reference;  // where it is read, with its digest
  std::string tag;        // that it has; may be empty
  PlannedBytes bytes;     // what several images have counts for each of them
};

struct PlannedBlob {
  oci::Digest digest;
  std::uint64_t size;
  copy::BlobKind kind;
  copy::BlobState state;
  std::string repository = {};  // empty: the place that all goes to
};

struct PlannedManifest {
  oci::Digest digest;
  std::vector<std::string> names;  // that it does not have yet
  std::string repository = {};     // likewise
};

struct PlannedTag {
  std::string tag;
  oci::Digest digest;
  std::optional<oci::Digest> before;  // where it leads now
  std::string repository = {};        // empty: the one that all goes to

  std::string name() const { return repository.empty() ? tag : repository + ":" + tag; }
  bool moves() const { return before && *before != digest; }
};

struct TransferPlan {
  std::vector<PlannedImage> images;  // in the order of oci::Contents
  std::vector<PlannedBlob> blobs;    // each once for each repository, the largest first
  std::vector<PlannedManifest> manifests;
  std::vector<PlannedTag> tags;      // that people look at
  std::vector<std::string> missing;  // references of blobs that are to be moved and are not there
  copy::WorkSize size;
  PlannedBytes bytes;
  bool tags_may_move = true;

  // Whether it could not be carried out.
  bool would_fail() const {
    return !missing.empty() ||
           (!tags_may_move && std::any_of(tags.begin(), tags.end(),
                                          [](const PlannedTag& tag) { return tag.moves(); }));
  }
};

// `work` in a plan; `contents` are all that it is about.
TransferPlan describe_work(const copy::Work& work, const oci::Contents& contents);

// Adds what is done in another repository.
void add_place(const copy::Work& work, const std::string& repository, TransferPlan& plan);

// What is to be moved and the source does not have; configs and manifests are here already. What
// a delta leaves out is asked for nowhere.
std::vector<std::string> find_missing(const TransferPlan& planned, const Cargo& cargo,
                                      const Session& session);

// Everything that transfer() finds out before it writes, and whether the source has what is to be
// moved. Errors of transfer(), for what is not found either.
TransferPlan plan_transfer(const TransferSource& source, const TransferTarget& target,
                           const TransferOptions& options, registry::Client& client,
                           const Session& session);

// One JSON object (docs/formats.md). `request`: the flags that it was made of, as JSON.
std::string encode_plan(const TransferPlan& plan, std::string_view request);
// What differs between two plans, in sentences; none: nothing does.
std::vector<std::string> differences(const TransferPlan& then, const TransferPlan& now);

// A plan from a file, with the flags that it was made of. Error{kParse}.
struct PlanFile {
  TransferPlan plan;
  std::vector<std::pair<std::string, std::string>> flags;  // name and value
};
PlanFile parse_plan(std::string_view text);

}  // namespace tote::bundle

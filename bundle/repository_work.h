// A repository as the place that a copy is sent to: first what is left to be done there, as a
// value, then doing it.
#pragma once

#include "bundle/cargo.h"
#include "bundle/relocation.h"
#include "bundle/selection.h"
#include "bundle/session.h"
#include "copy/work.h"
#include "oci/artifact.h"
#include "registry/remote_repository.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tote::bundle {

// The relocation record of a bundle, and the image that carries it.
struct RecordWork {
  oci::Digest bundle;
  std::vector<oci::Digest> images;  // that it names
  std::unique_ptr<oci::Artifact> image;
  Cargo cargo;
  copy::Work work = {};
  // Of a record whose content comes with that of another bundle: all of it, if that is not sent.
  std::optional<copy::Work> alone = {};
};

// What says by which names of their own the images of a bundle go (image_names.h).
struct NamesWork {
  oci::Digest bundle;
  std::unique_ptr<oci::Artifact> image;
  Cargo cargo;
  copy::Work work = {};
};

// A tag that people look at.
struct TagWork {
  const oci::CarriedImage& image;
  oci::ManifestPtr manifest;
  bool is_there = false;
  std::optional<oci::Digest> before = {};  // where it leads now, as far as that could be seen
};

// Everything, in the order in which it is done. Refers to the plan that it was made of.
struct RepositoryWork {
  copy::Work images;
  std::vector<RecordWork> records;
  std::vector<PlaceWork> places;  // where images have names of their own
  std::vector<NamesWork> names;   // that tell which
  std::vector<TagWork> tags;
};

struct RepositoryPlan {
  const Cargo& cargo;
  const std::vector<BundleRecord>& bundles;  // to get a record
  // The tag that keeps an image alive there.
  std::function<std::string(const oci::CarriedImage&)> tag_of;
  // Whether an image that a bundle names is one too.
  std::function<bool(const oci::Digest&)> is_bundle;
  bool asks_for_all = false;  // as of copy::SurveyOptions
  // Looks at the places of names of their own; empty, as is `placed`: there are none.
  std::function<std::vector<PlaceWork>()> survey_places = {};
  std::span<const PlacedImage> placed = {};
};

// Asks the repository what it has; changes nothing there. Error, Cancelled.
RepositoryWork survey_repository(const RepositoryPlan& plan, registry::RemoteRepository& to,
                                 const Session& session);

// The images, then the records, the other places and what tells of them, and as the last requests
// of all the tags: who sees one sees all that it leads to. Errors of copy::execute(), with
// "Creating copy information for bundle ..." or "Tagging images" in front where they are of those.
void execute(const RepositoryWork& work, const Cargo& cargo, registry::RemoteRepository& to,
             const Session& session);

}  // namespace tote::bundle

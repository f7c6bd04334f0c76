// The images of a copy under names of their own, beside the repository that they all go to: as
// values, and the work that it is to put them there.
#pragma once

#include "bundle/cargo.h"
#include "bundle/relocated_name.h"
#include "bundle/selection.h"
#include "bundle/session.h"
#include "copy/work.h"
#include "oci/attached.h"
#include "registry/client.h"

#include <memory>
#include <string>
#include <vector>

namespace tote::bundle {

struct KnownImage {
  OriginalName name;
  oci::Digest digest;
};

// The images that are carried, but for the bundle that was asked for and what is attached, by the
// names that the locks have for them; what no lock names, by where it came from. An image of
// several names is there once for each.
std::vector<KnownImage> known_images(const oci::Contents& contents,
                                     const std::vector<BundleRecord>& bundles,
                                     const std::string& images_lock);

// Sorted by name, each once. Error{kUsage} if two images of other content get one name, or one that
// an image of `own`, the repository that all of it goes to, has there.
std::vector<PlacedImage> place_images(const std::vector<KnownImage>& known,
                                      const RelocatedName& rule, const oci::Contents& contents,
                                      const oci::Repository& own);

// What is left to be done in one repository.
struct PlaceWork {
  registry::RemoteRepository* to;
  std::vector<PlacedImage> images;
  std::unique_ptr<const oci::Contents> contents;  // that `work` refers to
  copy::Work work = {};
};

// Blobs of repositories on the registry of `own` are mounted from there, where they are by then; on
// another one each is sent once, to the first that needs it. What is attached to an image comes
// along, with its cosign tags. `asks_for_all` as of copy::SurveyOptions. `cargo` must outlive the
// result.
std::vector<PlaceWork> survey_places(const std::vector<PlacedImage>& images, const Cargo& cargo,
                                     const oci::Repository& own, bool asks_for_all,
                                     registry::Client& client, const Session& session);

// REQUIRES: `own` has its content. An image has its name when all that it needs is there. Errors of
// copy::execute(), with "Copying to 'REPOSITORY'" in front.
void execute(const std::vector<PlaceWork>& places, const Cargo& cargo, const Session& session);

}  // namespace tote::bundle

// Where the images of a lock are now: computed, written down by a copy, or asked for.
#pragma once

#include "bundle/discover/image_name.h"
#include "bundle/image_names.h"
#include "bundle/images_lock.h"
#include "bundle/relocated_name.h"
#include "bundle/session.h"
#include "registry/client.h"

#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

struct MovedImage {
  std::string id;  // the name that people wrote; without one as the lock has it
  LockedImage locked;
  discover::ImageName to = {};  // with the digest; without a tag if there is none
};

class MovedImages {
 public:
  explicit MovedImages(std::vector<MovedImage> images) : images_(std::move(images)) {}

  const std::vector<MovedImage>& all() const noexcept { return images_; }
  // By the name that people wrote, however they spelled it; nullptr: it is none of them.
  const MovedImage* find(const discover::ImageName& name) const;
  // Where it is now.
  std::optional<discover::ImageName> place_of(const std::string& id) const;

 private:
  std::vector<MovedImage> images_;
};

// By a rule that a copy was, or will be, given. Nobody is asked.
MovedImages moved_by(const RelocatedName& rule, const ImagesLock& lock);
// To where copy puts them, beside their bundle. Nobody is asked.
MovedImages moved_beside(const oci::Repository& bundle, const ImagesLock& lock);
// To the repository that the lock names, as it is after a pull. Nobody is asked.
MovedImages moved_as_locked(const ImagesLock& lock);
// By what a copy has written down. Error{kNotFound} for an image of which it does not speak.
MovedImages moved_as_written(const ImageNames& names, const ImagesLock& lock);

// Asks for each of them, for many at a time. A tag that is not there is taken away, if the digest
// is. Error{kNotFound} that names the image which is not there, Error{kDigestMismatch} if its tag
// leads to another one.
MovedImages seen(const MovedImages& images, registry::Client& client, const Session& session);

// Docker Hub is "docker.io" where people and charts name it.
discover::ImageName image_name(const oci::Reference& reference);

}  // namespace tote::bundle

// Images of which there are several, one for each cloud or platform: digests and suffixes.
#pragma once

#include "bundle/discover/image_parts.h"

namespace tote::bundle::discover {

// A mapping with "awsDigest" and "genericDigest" has an image "NAME-aws" and "NAME-generic" with
// these digests: the first that says that it is for all is needed, the others are where their cloud
// is. With "amd64Digest" and the like the digests are those of platforms, not of the image: its tag
// counts. "suffix" is put behind the repository. False: it has nothing of this.
bool take_variants(const MapScope& scope, const ImageParts& parts);

}  // namespace tote::bundle::discover

// Lists of images that somebody has made: locks of imgpkg and dt, and files of references.
#pragma once

#include "bundle/discover/discovery.h"

#include <array>
#include <string_view>

namespace tote::bundle::discover {

// Names of locks beside a Chart.yaml.
inline constexpr std::array<std::string_view, 4> kLockFileNames{
    "Images.lock", "images.lock", "images-lock.yaml", "images-lock.yml"};

// A document with a list `images` of {image: reference}, whatever else it has. Of imgpkg's
// ImagesLock the digest counts, and `original` is what the annotation kbld.carvel.dev/id says; the
// digests of dt's lock are those of single platforms, so its tags count. Evidence::kLockFile, rule
// L1. Error{kParse} with the line for anything else. `chart` as FoundImage::chart.
Discovery locked_images(std::string_view text, std::string_view origin,
                        std::string_view chart = {});

// What `--images FILE` has: such a document, or one reference a line, where "#" at the beginning or
// behind a blank begins a comment. Evidence::kGiven, rule L2 for lines. Error{kParse} with the
// line.
Discovery listed_images(std::string_view text, std::string_view origin);

}  // namespace tote::bundle::discover

// From a chart to an artifact in a registry, a layout or an archive.
#pragma once

#include "bundle/chart_artifact.h"
#include "bundle/deliver.h"

#include <string>

namespace tote::bundle {

// Where a chart goes that is to be pushed to `text`, with or without "oci://" in front: a host with
// a path, to which as with Helm the name of the chart is added, with its version as the tag; or all
// of it, which then has to end in "/NAME:VERSION". Error{kUsage, kParse}.
oci::Reference chart_reference(const std::string& text, const chart::ChartMetadata& metadata);

// What somebody has made of a chart, under the tag of `target`, which is the only one that it gets.
// Not for an archive. Returns its digest.
oci::Digest push_chart(oci::Artifact& chart, const PushTarget& target, const Observer& observer,
                       const Session& session);

}  // namespace tote::bundle

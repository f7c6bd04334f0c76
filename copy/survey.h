// Finding out what a place lacks, before anything is sent there.
#pragma once

#include "base/task_group.h"
#include "copy/failures.h"
#include "copy/work.h"
#include "oci/store.h"

#include <functional>
#include <stop_token>
#include <string>

namespace tote::copy {

struct SurveyOptions {
  // The name under which a root image is to be pushed; empty: by digest.
  std::function<std::string(const oci::CarriedImage&)> name_of = {};
  // Which blobs may be mounted from where the contents say that they are; empty: all.
  std::function<bool(const oci::Descriptor&)> may_mount = {};
  // Not null: what can not be looked at is taken as not there; sending it shows what is wrong.
  const Failures* failures = nullptr;
  // What is small is sent as fast as it is asked for; where the first of it are not there, the rest
  // is taken as not there. True: everything is asked for, since somebody wants to know.
  bool asks_for_all = false;
};

// What `to` has of `contents`, which must outlive the result, and what it lacks. Manifests are
// asked for first: what an image needs that is there completely is not asked for. A blob that can
// be mounted is not asked for either, since mounting answers that too. A place that may be written
// to but not looked at lacks everything. Error{kParse} for manifests that no registry takes
// (oci::check_acceptable).
Work survey(const oci::Contents& contents, oci::ImageWriter& to, const SurveyOptions& options,
            ThreadPool& pool, std::stop_token stop);

// Whether a name - a tag or a digest - is of `digest` there already; false where one may not look.
bool leads_to(oci::ImageWriter& to, const std::string& name, const oci::Digest& digest,
              const std::stop_token& stop);

// The same as survey() for a place that holds manifests as it holds blobs.
Work survey(const oci::Contents& contents, oci::BlobWriter& to, ThreadPool& pool,
            std::stop_token stop);

}  // namespace tote::copy

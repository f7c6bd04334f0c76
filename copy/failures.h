// What could not be copied, where the rest is to arrive all the same.
#pragma once

#include "base/error.h"
#include "base/mutex.h"
#include "oci/digest.h"

#include <set>
#include <vector>

namespace tote::copy {

// Thread-safe.
class Failures {
 public:
  // A blob, manifest or image.
  void add(const oci::Digest& what, const Error& why);
  // Something beside the images, which arrive all the same.
  void add(const Error& why);
  // It lacks a part that could not be copied, and is not to be seen therefore.
  void add_incomplete(const oci::Digest& what);
  // Whether it failed itself, or lacks something.
  bool is_incomplete(const oci::Digest& what) const;
  bool has_failed(const oci::Digest& what) const;
  // All that failed, or lacks something.
  std::set<oci::Digest> incomplete() const;
  // Throws one Error that lists what has failed, of the kind of the first; nothing if nothing has.
  void rethrow() const;

 private:
  mutable Mutex mutex_;
  std::set<oci::Digest> failed_ TOTE_GUARDED_BY(mutex_);
  std::set<oci::Digest> incomplete_ TOTE_GUARDED_BY(mutex_);  // beside these
  std::vector<Error> errors_ TOTE_GUARDED_BY(mutex_);
};

// Does it; null: what it throws comes out, else an Error is kept as the reason why `what` failed.
// Returns whether it did not fail.
template <class Action>
bool keep_going(Failures* failures, const oci::Digest& what, Action action) {
  if (failures == nullptr) {
    action();
    return true;
  }
  try {
    action();
    return true;
  } catch (const Error& error) {
    failures->add(what, error);
    return false;
  }
}

}  // namespace tote::copy

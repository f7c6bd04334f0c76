// Uploads into a layout: files in its ingest/ under names that nobody can guess, which a restart
// outlive. Internal to testregistry/.
#pragma once

#include "base/mutex.h"
#include "testregistry/storage/blob_store.h"
#include "testregistry/storage/layout/served_layout.h"
#include "testregistry/storage/running_hash.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tote::testregistry {

// Thread-safe. Throws Error{kIo}.
class LayoutUploads {
 public:
  // Called when a blob has come that was not there.
  using OnBlob = std::function<void(std::uint64_t size)>;

  std::string begin(ServedLayout& layout, HashAlgorithm algorithm);
  FoundUpload find(ServedLayout& layout, const std::string& session, OnBlob on_blob);
  static std::optional<std::uint64_t> size(const ServedLayout& layout, const std::string& session);

 private:
  class Session;
  struct State {
    explicit State(HashAlgorithm algorithm) : hash(algorithm) {}
    bool busy = false;
    RunningHash hash;  // of who is busy with it
  };
  using StatePtr = std::shared_ptr<State>;

  void release(const std::string& session, State& state, bool has_ended);

  Mutex mutex_;
  std::map<std::string, StatePtr> states_
      TOTE_GUARDED_BY(mutex_);  // what is not here is on the disk
};

}  // namespace tote::testregistry

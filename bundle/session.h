// What everything that one command does has in common.
#pragma once

#include "archive/open_archive.h"
#include "base/task_group.h"
#include "copy/failures.h"

#include <cstddef>
#include <stop_token>

namespace tote::bundle {

class SharedReads;

// A value that is handed down; the pool must outlive it.
struct Session {
  ThreadPool& pool;
  std::stop_token stop = {};
  archive::ReadOptions reading = {};  // of archives
  // Null: the first failure ends all. Else what fails goes here, and the rest is done; see
  // copy::Failures.
  copy::Failures* failures = nullptr;
  SharedReads* reads = nullptr;  // of copies that read the same; null: this one reads for itself
  std::size_t streams = 5;       // large blobs that are moved or read at a time
};

}  // namespace tote::bundle

// Gives the blocks of removed files back on threads of its own: a file system that discards them at
// once lets the thread that drops the last reference wait for the disk, at every file. Internal to
// testregistry/.
#pragma once

#include "base/file.h"
#include "base/task_group.h"

#include <vector>

namespace tote::testregistry {

// For one thread. The destructor waits until everything is given back.
class LateRelease {
 public:
  LateRelease();

  // To be called before the file's name is removed. What can not be held is simply given back by
  // whoever removes it.
  void hold(const std::string& path);
  // To be called now and then, with no lock held: it may wait for the disk.
  void let_go();

 private:
  std::vector<UniqueFd> held_;
  std::size_t batches_ = 0;  // since it has waited
  ThreadPool pool_;
  TaskGroup releasing_;
};

}  // namespace tote::testregistry

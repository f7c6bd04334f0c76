// The repositories of the directory storage, by their names. Part of DirectoryStorage.
#pragma once

#include "base/mutex.h"
#include "testregistry/storage/directory/directory_repository.h"

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tote::testregistry {

// Thread-safe.
class DirectoryRepositories {
 public:
  // `prepare` is called once for each, under its lock, before it is given to anybody.
  using Prepare = std::function<void(const DirectoryRepositoryPtr&)>;
  DirectoryRepositories(std::string root, Prepare prepare)
      : root_(std::move(root)), prepare_(std::move(prepare)) {}

  // Names, sorted bytewise; reads directories.
  std::vector<std::string> list() const;

  // Without looking at the disk; null: it is not known yet, or not prepared.
  DirectoryRepositoryPtr known(const std::string& name);
  DirectoryRepositoryPtr find(const std::string& name);     // null: it is not there
  DirectoryRepositoryPtr require(const std::string& name);  // made if need be

 private:
  DirectoryRepositoryPtr seen(const std::string& name);
  DirectoryRepositoryPtr remember(const std::string& name);
  void make_ready(const DirectoryRepositoryPtr& repository);

  const std::string root_;
  const Prepare prepare_;
  SharedMutex mutex_;
  std::unordered_map<std::string, DirectoryRepositoryPtr> repositories_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry

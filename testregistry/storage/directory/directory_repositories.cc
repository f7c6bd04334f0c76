#include "testregistry/storage/directory/directory_repositories.h"

#include "base/mutex.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/names.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

bool is_ours(const std::string& name) {
  return name.starts_with('_');
}

void add_repositories(const std::string& directory, const std::string& name,
                      std::vector<std::string>& names) {
  const bool is_dropped_in = !name.empty() && is_layout(directory);
  bool is_repository = is_dropped_in;
  std::vector<std::string> children;
  for_each_name(directory, [&](const std::string& child) {
    if (is_ours(child))
      is_repository = true;
    else if (is_repository_name(child) && !(is_dropped_in && child == "blobs"))
      children.push_back(child);
  });
  if (is_repository && !name.empty()) names.push_back(name);
  for (const std::string& child : children)
    add_repositories(directory + "/" + child, name.empty() ? child : name + "/" + child, names);
}

}  // namespace

std::vector<std::string> DirectoryRepositories::list() const {
  std::vector<std::string> names;
  add_repositories(root_ + "/repositories", "", names);
  std::sort(names.begin(), names.end());
  return names;
}

DirectoryRepositoryPtr DirectoryRepositories::seen(const std::string& name) {
  const ReadLock lock(mutex_);
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : found->second;
}

DirectoryRepositoryPtr DirectoryRepositories::known(const std::string& name) {
  DirectoryRepositoryPtr repository = seen(name);
  return repository && repository->is_ready ? repository : nullptr;
}

// Names that nobody has pushed to are not remembered: there is no end of them.
DirectoryRepositoryPtr DirectoryRepositories::find(const std::string& name) {
  if (DirectoryRepositoryPtr repository = seen(name)) {
    make_ready(repository);
    return repository;
  }
  if (!DirectoryRepository(root_, name).exists()) return nullptr;
  return remember(name);
}

DirectoryRepositoryPtr DirectoryRepositories::require(const std::string& name) {
  if (DirectoryRepositoryPtr repository = find(name)) return repository;
  return remember(name);
}

DirectoryRepositoryPtr DirectoryRepositories::remember(const std::string& name) {
  DirectoryRepositoryPtr repository;
  {
    const WriteLock lock(mutex_);
    DirectoryRepositoryPtr& place = repositories_[name];
    if (!place) place = std::make_shared<DirectoryRepository>(root_, name);
    repository = place;
  }
  make_ready(repository);
  return repository;
}

void DirectoryRepositories::make_ready(const DirectoryRepositoryPtr& repository) {
  if (repository->is_ready) return;
  const Lock lock(repository->mutex);
  if (repository->is_ready) return;
  prepare_(repository);
  repository->is_ready = true;
}

}  // namespace tote::testregistry

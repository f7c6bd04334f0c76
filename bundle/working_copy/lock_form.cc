#include "bundle/working_copy/lock_form.h"

#include "base/error.h"
#include "base/file.h"
#include "base/temporary_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sys/stat.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

bool has_lock(const Tree& tree) {
  const auto found = tree.entries.find(kImagesLock);
  return found != tree.entries.end() && found->second.kind == EntryKind::kFile &&
         found->second.size <= kMaxLockSize;
}

std::string text_of(const Tree& tree) {
  return read_file(tree.path_of(kImagesLock), kMaxLockSize);
}

// nullopt: it is none, which whoever uses it will hear of.
std::optional<ImagesLock> try_parse(const std::string& text) {
  try {
    return ImagesLock::parse(text, kImagesLock);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    return std::nullopt;
  }
}

ImagesLock relocated(ImagesLock lock, const oci::Repository& repository) {
  for (LockedImage& image : lock.images) image.reference.repository = repository;
  return lock;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (from == to) return;
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The local text with the names that the images were pushed with.
std::string original_form(std::string text, const ImagesLock& old_lock, const ImagesLock& new_lock,
                          const oci::Repository& repository) {
  if (text == relocated(old_lock, repository).encode()) return old_lock.encode();
  for (const ImagesLock* lock : {&old_lock, &new_lock})
    for (const LockedImage& image : lock->images)
      replace_all(text, oci::digest_reference(repository, image.digest()), image.reference.name());
  return text;
}

void stand_in(Tree& tree, const std::string& text, const fs::path& file) {
  replace_file(file, text, 0644);
  Entry& entry = tree.entries.at(kImagesLock);
  if (::chmod(file.c_str(), entry.mode) != 0) throw io_error("chmod " + file.string());
  entry.size = text.size();
  tree.stand_ins[kImagesLock] = file;
}

}  // namespace

void bring_to_one_form(const oci::Repository& repository, Tree& old_tree, Tree& here,
                       Tree& new_tree, const fs::path& scratch) {
  if (!has_lock(old_tree) || !has_lock(here)) return;
  const std::string here_text = text_of(here);
  const std::optional<ImagesLock> old_lock = try_parse(text_of(old_tree));
  const std::optional<ImagesLock> new_lock =
      has_lock(new_tree) ? try_parse(text_of(new_tree)) : ImagesLock{};
  if (!old_lock || !new_lock) return;
  const std::string original = original_form(here_text, *old_lock, *new_lock, repository);
  if (original == here_text) return;
  stand_in(here, original, scratch / "here.yml");
  stand_in(old_tree, old_lock->encode(), scratch / "old.yml");
  if (has_lock(new_tree)) stand_in(new_tree, new_lock->encode(), scratch / "new.yml");
}

bool relocate_lock(const fs::path& file, const ImagesLock& pushed,
                   const oci::Repository& repository) {
  std::optional<ImagesLock> lock = try_parse(read_file(file, kMaxLockSize));
  if (!lock) return false;
  std::set<oci::Digest> known;
  for (const LockedImage& image : pushed.images) known.insert(image.digest());
  for (LockedImage& image : lock->images)
    if (known.contains(image.digest())) image.reference.repository = repository;
  replace_file(file, lock->encode());
  return true;
}

}  // namespace tote::bundle::working_copy

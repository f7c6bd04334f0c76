// What an archive or an OCI image layout holds, as the contents of a registry.
#pragma once

#include "testregistry/storage/memory_storage.h"
#include "testregistry/storage/storage.h"

#include <filesystem>
#include <functional>
#include <string>

namespace tote::testregistry {

// How a blob gets in.
using PutBlob = std::function<void(const std::string& repository, const oci::Digest& digest,
                                   const Content& content)>;
// It stays where it lies and is served from there: nothing is copied, nor hashed. Clients check
// what they get, as ever. The file must not change meanwhile.
PutBlob in_place(MemoryStorage& storage);
// Its bytes are verified and copied.
PutBlob copying(Storage& storage);

// An archive's images come under the names that they had, without the registry's; a layout under
// its directory's. `repository`, unless it is empty, is the name for all. Throws Error{kIo} when
// the file can not be read, Error{kParse} when it is neither, or when its name is none.
void preload(Storage& storage, const PutBlob& put_blob, const std::filesystem::path& path,
             const std::string& repository);

}  // namespace tote::testregistry

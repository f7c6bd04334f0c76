// Where a registry keeps things: blobs, what is known of them, and what it takes to look after
// both. Memory and a directory are all three; a registry needs only the halves, each of any kind.
#pragma once

#include "testregistry/storage/blob_store.h"
#include "testregistry/storage/record_store.h"
#include "testregistry/storage/upkeep.h"

namespace tote::testregistry {

class Storage : public BlobStore, public RecordStore, public Upkeep {};

// The halves that requests are answered from, which must outlive it.
struct StorageReader {
  StorageReader(BlobReader& blob_reader, RecordReader& record_reader)
      : blobs(blob_reader), records(record_reader) {}
  StorageReader(Storage& storage) : blobs(storage), records(storage) {}

  BlobReader& blobs;
  RecordReader& records;
};

// The halves that requests change.
struct StorageWriter {
  StorageWriter(BlobStore& blob_store, RecordStore& record_store)
      : blobs(blob_store), records(record_store) {}
  StorageWriter(Storage& storage) : blobs(storage), records(storage) {}

  BlobStore& blobs;
  RecordStore& records;
};

}  // namespace tote::testregistry

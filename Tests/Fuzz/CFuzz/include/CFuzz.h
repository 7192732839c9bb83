// What the fuzz targets need and Swift can't say: how much memory a call takes, and zlib asked in the plainest way.
#ifndef CFUZZ_H
#define CFUZZ_H

#include <stddef.h>

/// From here on what is allocated and given back is counted, until fuzz_memory_stop. To be called around the calls that are looked at.
void fuzz_memory_start(void);
void fuzz_memory_stop(void);
/// Forgets what was counted.
void fuzz_memory_reset(void);
/// The most bytes that were allocated at once between starts and stops, less those that were given back there.
size_t fuzz_memory_peak(void);

enum {
  FUZZ_INFLATED = 0,  ///< The input is whole blocks.
  FUZZ_TOO_LARGE = 1, ///< More than `room` bytes.
  FUZZ_INVALID = 2,   ///< No deflate stream, or cut in its middle.
};

/// Inflates a message of permessage-deflate that refers to nothing before it, in one call with all the room: what the real inflater must come to.
int fuzz_inflate(const void *input, size_t count, void *output, size_t room, size_t *made);

#endif

#include "CFuzz.h"

#include <sanitizer/allocator_interface.h>
#include <zlib.h>

// The targets run on one thread.
static int counting;
static ptrdiff_t live, peak;

static void allocated(const volatile void *at, size_t size) {
  (void)at;
  if (!counting) return;
  live += (ptrdiff_t)size;
  if (live > peak) peak = live;
}

static void given_back(const volatile void *at) {
  if (counting && at) live -= (ptrdiff_t)__sanitizer_get_allocated_size(at);
}

void fuzz_memory_start(void) {
  static int installed;
  if (!installed) installed = __sanitizer_install_malloc_and_free_hooks(allocated, given_back) > 0;
  if (!installed) __builtin_trap();
  counting = 1;
}

void fuzz_memory_stop(void) { counting = 0; }

void fuzz_memory_reset(void) { live = peak = 0; }

size_t fuzz_memory_peak(void) { return (size_t)peak; }

int fuzz_inflate(const void *input, size_t count, void *output, size_t room, size_t *made) {
  static const unsigned char tail[] = {0x00, 0x00, 0xFF, 0xFF};
  enum { BETWEEN_BLOCKS = 128 };
  unsigned char spare;
  z_stream z = {0};
  int outcome = FUZZ_INFLATED;
  if (inflateInit2(&z, -15) != Z_OK) __builtin_trap();
  *made = 0;
  for (int part = 0; part < 2 && outcome == FUZZ_INFLATED && count > 0; part++) {
    z.next_in = (Bytef *)(part == 0 ? input : tail);
    z.avail_in = part == 0 ? (uInt)count : sizeof tail;
    for (;;) {
      z.next_out = *made < room ? (Bytef *)output + *made : &spare;
      z.avail_out = *made < room ? (uInt)(room - *made) : 1;
      uInt before = z.avail_out;
      int result = inflate(&z, Z_SYNC_FLUSH);
      *made += before - z.avail_out;
      if (*made > room) outcome = FUZZ_TOO_LARGE;
      else if (result == Z_STREAM_END) {
        // After a last block another stream begins, with the window that is there.
        unsigned char window[32768];
        uInt size = 0;
        if (inflateGetDictionary(&z, window, &size) != Z_OK || inflateReset(&z) != Z_OK || inflateSetDictionary(&z, window, size) != Z_OK) __builtin_trap();
        if (z.avail_in > 0) continue;
      } else if (result != Z_OK && result != Z_BUF_ERROR) outcome = FUZZ_INVALID;
      else if (z.avail_out == 0) continue;
      break;
    }
  }
  if (outcome == FUZZ_INFLATED && count > 0 && !(z.data_type & BETWEEN_BLOCKS)) outcome = FUZZ_INVALID;
  inflateEnd(&z);
  return outcome;
}

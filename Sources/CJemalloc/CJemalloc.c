#include "CJemalloc.h"

#include <jemalloc/jemalloc.h>

// A chat server has long quiet times after moments in which everybody comes at once. What such a moment needed lies between what stays, and the C
// library's malloc finds no whole pages to give back: 8 to 14 KB for each client that came back, where 3 to 5 stay so.
//
// Two arenas: few threads allocate much (a loop for each CPU, the appender), and pages that arenas share are filled better. A thread of jemalloc's
// gives pages back a second after their last use: at once would cost a quarter more CPU when 10,000 come back. Threads keep nothing above 4 KiB aside.
const char *malloc_conf = "narenas:2,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,lg_tcache_max:12";

const char *cjemalloc_version(void) {
  const char *version = 0;
  size_t size = sizeof version;
  return mallctl("version", &version, &size, 0, 0) == 0 ? version : 0;
}

size_t cjemalloc_size(const void *object) { return malloc_usable_size((void *)object); }

// jemalloc in the place of the C library's malloc, and how it is set. Linking this target is enough: Swift's objects come from malloc too.
#ifndef CJEMALLOC_H
#define CJEMALLOC_H

#include <stddef.h>

/// The version of the allocator that runs, such as "5.3.0-0-g54eaed1"; NULL when another one took its place (a sanitizer, LD_PRELOAD).
const char *cjemalloc_version(void);

/// How many bytes an object from malloc really takes: the size of its class.
size_t cjemalloc_size(const void *object);

#endif

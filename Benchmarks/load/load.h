/* What the load generators share: time, a histogram, a client's frame, CPU and memory of the server under test. */
#ifndef ONEFIN_LOAD_H
#define ONEFIN_LOAD_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef PROGRAM
#error "PROGRAM names the generator in its messages"
#endif

static void die(int rc, const char *f, ...) {
    va_list ap; va_start(ap, f); fputs(PROGRAM ": ", stderr); vfprintf(stderr, f, ap); fputc('\n', stderr);
    va_end(ap); exit(rc);
}
static inline uint64_t now_ns(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

/* ---- histogram: 64 linear steps per power of two, so at most 1.6 % error ---- */
static uint64_t hist[64 * 64], hist_n, hist_max;
static inline void hist_add(uint64_t v) {
    unsigned e = v < 64 ? 0 : 58 - __builtin_clzll(v);              /* v>>e is in 32..63 for e>0 */
    hist[(e << 6) + (v >> e)]++; hist_n++; if (v > hist_max) hist_max = v;
}
static double hist_us(double q) {
    uint64_t want = (uint64_t)(q * hist_n), seen = 0;
    for (unsigned i = 0; i < 64 * 64; i++)
        if ((seen += hist[i]) > want) { unsigned e = i >> 6; return ((((uint64_t)(i & 63)) << e) + ((1ull << e) >> 1)) / 1e3; }
    return hist_max / 1e3;
}

static const uint8_t MASK[4] = { 0x37, 0xfa, 0x21, 0x3d };
static size_t put_frame(uint8_t *o, const uint8_t *p, size_t n, int op) {
    size_t h = 2; o[0] = 0x80 | op;
    if (n < 126) o[1] = 0x80 | n;
    else if (n < 65536) { o[1] = 0x80 | 126; o[2] = n >> 8; o[3] = n; h = 4; }
    else { o[1] = 0x80 | 127; for (int i = 0; i < 8; i++) o[2 + i] = (uint64_t)n >> (56 - 8 * i); h = 10; }
    memcpy(o + h, MASK, 4); h += 4;
    for (size_t i = 0; i < n; i++) o[h + i] = p[i] ^ MASK[i & 3];
    return h + n;
}
#endif

// Raw deflate (RFC 1951) with zlib: the macros and structs that Swift can't call, as functions with fixed arguments.
#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>

typedef struct czlib_stream czlib_stream;

/// What a call came to.
enum {
  CZLIB_OK = 0,      ///< All input is taken, or the output is full.
  CZLIB_END = 1,     ///< A block was marked as the last one.
  CZLIB_INVALID = 2, ///< The input is no deflate stream.
};

/// A stream to inflate with a window of 32 KiB, which holds every smaller one; NULL without memory.
czlib_stream *czlib_inflater(void);
/// Inflates. `taken` and `made` are set to how many bytes of input and output were used.
int czlib_inflate(czlib_stream *stream, const void *input, size_t count, size_t *taken, void *output, size_t room, size_t *made);
/// Whether the stream stands between two blocks: only there may a message end.
int czlib_inflate_is_between_blocks(const czlib_stream *stream);
/// Starts anew; `keeps_window`: what was inflated may still be referred to.
int czlib_inflate_reset(czlib_stream *stream, int keeps_window);

/// A stream to deflate; NULL without memory or for a window outside 9…15 bits.
czlib_stream *czlib_deflater(int level, int window_bits, int memory_level);
/// The most bytes that `count` bytes of input and a sync flush can become.
size_t czlib_deflate_bound(czlib_stream *stream, size_t count);
/// Deflates a whole message with a sync flush into `room` >= czlib_deflate_bound bytes; returns the size, 0 when it failed.
size_t czlib_deflate(czlib_stream *stream, const void *input, size_t count, void *output, size_t room);
/// Forgets what was deflated.
int czlib_deflate_reset(czlib_stream *stream);

void czlib_inflater_free(czlib_stream *stream);
void czlib_deflater_free(czlib_stream *stream);

#endif

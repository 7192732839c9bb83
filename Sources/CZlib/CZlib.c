#include "CZlib.h"

#include <stdlib.h>
#include <zlib.h>

struct czlib_stream {
  z_stream z;
};

enum { LARGEST_WINDOW = 15, WINDOW_BYTES = 32768, BETWEEN_BLOCKS = 128 };

czlib_stream *czlib_inflater(void) {
  czlib_stream *stream = calloc(1, sizeof *stream);
  if (stream && inflateInit2(&stream->z, -LARGEST_WINDOW) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

int czlib_inflate(czlib_stream *stream, const void *input, size_t count, size_t *taken, void *output, size_t room, size_t *made) {
  z_stream *z = &stream->z;
  z->next_in = (Bytef *)input;
  z->avail_in = (uInt)count;
  z->next_out = output;
  z->avail_out = (uInt)room;
  int result = inflate(z, Z_SYNC_FLUSH);
  *taken = count - z->avail_in;
  *made = room - z->avail_out;
  z->next_in = NULL;
  if (result == Z_STREAM_END) return CZLIB_END;
  // Z_BUF_ERROR says that nothing could be done for want of input or room, which is no fault of the stream.
  return result == Z_OK || result == Z_BUF_ERROR ? CZLIB_OK : CZLIB_INVALID;
}

int czlib_inflate_is_between_blocks(const czlib_stream *stream) {
  // The lower bits count what is left of the last byte: more than a stored block's padding can't be.
  return (stream->z.data_type & BETWEEN_BLOCKS) != 0;
}

int czlib_inflate_reset(czlib_stream *stream, int keeps_window) {
  if (!keeps_window) return inflateReset(&stream->z) == Z_OK;
  unsigned char window[WINDOW_BYTES];
  uInt size = 0;
  if (inflateGetDictionary(&stream->z, window, &size) != Z_OK || inflateReset(&stream->z) != Z_OK) return 0;
  return inflateSetDictionary(&stream->z, window, size) == Z_OK;
}

czlib_stream *czlib_deflater(int level, int window_bits, int memory_level) {
  // zlib can't make a raw stream with a window of 8 bits.
  if (window_bits < 9 || window_bits > LARGEST_WINDOW) return NULL;
  czlib_stream *stream = calloc(1, sizeof *stream);
  if (stream && deflateInit2(&stream->z, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

size_t czlib_deflate_bound(czlib_stream *stream, size_t count) {
  // The bound is for Z_FINISH; a sync flush adds an empty stored block, and what an earlier one left adds some bits.
  return deflateBound(&stream->z, count) + 16;
}

size_t czlib_deflate(czlib_stream *stream, const void *input, size_t count, void *output, size_t room) {
  z_stream *z = &stream->z;
  z->next_in = (Bytef *)input;
  z->avail_in = (uInt)count;
  z->next_out = output;
  z->avail_out = (uInt)room;
  int result = deflate(z, Z_SYNC_FLUSH);
  z->next_in = NULL;
  return result == Z_OK && z->avail_in == 0 && z->avail_out > 0 ? room - z->avail_out : 0;
}

int czlib_deflate_reset(czlib_stream *stream) { return deflateReset(&stream->z) == Z_OK; }

void czlib_inflater_free(czlib_stream *stream) {
  inflateEnd(&stream->z);
  free(stream);
}

void czlib_deflater_free(czlib_stream *stream) {
  deflateEnd(&stream->z);
  free(stream);
}

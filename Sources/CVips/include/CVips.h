// libvips for Swift: functions with a fixed number of arguments, and a stamp that is blended while the picture streams through.
//
// Pictures are made lazily: most functions only say what is to be done, and the saving ones do it. A picture that is given back is the caller's, to
// be released by cvips_release. What fails returns NULL or -1, and cvips_error says why.
#ifndef CVIPS_H
#define CVIPS_H

#include <stdint.h>

typedef struct _VipsImage VipsImage;

// Formats that are read: nothing else is ever opened.
enum { CVIPS_JPEG, CVIPS_PNG, CVIPS_WEBP, CVIPS_HEIF, CVIPS_TIFF };

// What a file says of itself before a pixel is decoded.
typedef struct {
  int width, height;
  int pages;       // pictures in the file
  int orientation; // EXIF, 1 to 8
} cvips_header;

// Starts libvips with so many threads and forbids every loader but those of the formats above.
int cvips_start(int threads);
// The reasons since the last call, cut to fit; they may quote the file.
void cvips_error(char *buffer, int size);

// Opens a file as what it must be. `sequential`: it will be read once, from top to bottom, and need not fit into memory. A truncated file is an error.
VipsImage *cvips_open(const char *path, int format, int sequential);
cvips_header cvips_describe(VipsImage *image);
void cvips_release(VipsImage *image);

// Turned as its EXIF orientation says.
VipsImage *cvips_upright(VipsImage *image);
// Three bands of eight bits in sRGB, on white where it was transparent; by its colour profile if it has a usable one.
VipsImage *cvips_plain(VipsImage *image);

// A picture to blend, premultiplied 0xAARRGGBB words. The words must live until the picture that it was blended into is released.
typedef struct {
  const uint32_t *pixels;
  int width, height;
  int stride;      // words from one row to the next
  int left, top;   // where it lies
  int tiled;       // repeated over everything
} cvips_layer;

// The layers over a picture that cvips_plain has made, one after the other; `count` is 4 at most.
VipsImage *cvips_stamped(VipsImage *image, const cvips_layer *layers, int count);

// Write a file without any metadata.
int cvips_save_jpeg(VipsImage *image, const char *path, int quality);
int cvips_save_png(VipsImage *image, const char *path);

// A file of ours, made smaller to fit into a square of so many pixels, as JPEG. Gives its size.
int cvips_shrink(const char *path, int side, int quality, const char *to, int *width, int *height);

// A picture as premultiplied words of 0xAARRGGBB, to fit into a box; for logos, which are small. NULL or `*width` × `*height` words to be freed by
// cvips_free.
uint32_t *cvips_pixels(const char *path, int format, int box_width, int box_height, int *width, int *height);
void cvips_free(void *memory);

#endif

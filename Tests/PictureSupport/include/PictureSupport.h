// Files to be looked at, made by code: pictures of every kind, and bytes that inflate to many.
#ifndef PICTURE_SUPPORT_H
#define PICTURE_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

// What a picture is made of.
typedef enum {
  PICTURE_RGB,   // three bands of eight bits: what a camera sees, dark on the left and bright on the right
  PICTURE_GREY,  // one band
  PICTURE_ALPHA, // four bands; transparent at the top
  PICTURE_DEEP,  // three bands of sixteen bits
  PICTURE_CMYK,  // four inks
  PICTURE_BLACK, // nothing, for sizes that don't fit into memory
  PICTURE_PAGES  // three pictures in one file
} PictureKind;

// Writes a picture; `path` may end with libvips' options in brackets. The upper left quarter is red before it is turned, so that a test can see whether
// it was turned. `orientation`: EXIF, 0 for none. With `secret` the EXIF data holds a comment and a position. Returns 0.
int picture_write(const char *path, int width, int height, int kind, int orientation, int secret);

// A file's pixels as rows of three bytes each, to be freed by free(); NULL when it cannot be read.
uint8_t *picture_read(const char *path, int *width, int *height);
// Whether a file carries a field of metadata whose name begins so. -1: it cannot be read.
int picture_has(const char *path, const char *field);
// Why the last of these failed.
const char *picture_error(void);

// Appends the zlib stream of `count` zeros to a file. Returns its length, or -1.
long picture_append_zeros(const char *path, uint64_t count);

#endif

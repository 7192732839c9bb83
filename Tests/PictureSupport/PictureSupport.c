#include "PictureSupport.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <zlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

static void start_once(void) { started = VIPS_INIT("tests"); }

static int start(void) {
  pthread_once(&once, start_once);
  return started;
}

const char *picture_error(void) { return vips_error_buffer(); }

// A ramp from left to right with lines that look like writing, and the corner.
static VipsImage *scene(int width, int height) {
  VipsImage *parts[8] = {0}, *out = NULL;
  double scale[] = {255.0 / width}, offset[] = {0};
  double red[] = {220, 30, 30};
  if (vips_xyz(&parts[0], width, height, NULL) || vips_extract_band(parts[0], &parts[1], 0, NULL)
      || vips_linear(parts[1], &parts[2], scale, offset, 1, "uchar", TRUE, NULL) || vips_bandjoin2(parts[2], parts[2], &parts[3], NULL)
      || vips_bandjoin2(parts[3], parts[2], &parts[4], NULL) || vips_copy(parts[4], &parts[5], "interpretation", VIPS_INTERPRETATION_sRGB, NULL))
    goto done;
  parts[6] = vips_image_new_memory();
  if (vips_image_write(parts[5], parts[6]) || vips_draw_rect(parts[6], red, 3, 0, 0, width / 2, height / 2, "fill", TRUE, NULL)) goto done;
  out = parts[6];
  parts[6] = NULL;
done:
  for (int index = 0; index < 8; index++) if (parts[index]) g_object_unref(parts[index]);
  return out;
}

static VipsImage *made(int width, int height, int kind) {
  VipsImage *image = NULL, *next = NULL;
  double one[] = {257}, zero[] = {0};
  if (kind == PICTURE_BLACK) return vips_black(&image, width, height, NULL) ? NULL : image;
  image = scene(width, height);
  if (!image || kind == PICTURE_RGB) return image;
  int result = -1;
  switch (kind) {
    case PICTURE_GREY: result = vips_colourspace(image, &next, VIPS_INTERPRETATION_B_W, NULL); break;
    case PICTURE_CMYK: result = vips_colourspace(image, &next, VIPS_INTERPRETATION_CMYK, NULL); break;
    case PICTURE_DEEP: {
      VipsImage *wide = NULL, *whole = NULL;
      result = vips_linear(image, &wide, one, zero, 1, NULL) || vips_cast_ushort(wide, &whole, NULL)
        || vips_copy(whole, &next, "interpretation", VIPS_INTERPRETATION_RGB16, NULL);
      if (wide) g_object_unref(wide);
      if (whole) g_object_unref(whole);
      break;
    }
    case PICTURE_ALPHA: {
      VipsImage *place = NULL, *rows = NULL, *alpha = NULL;
      double scale[] = {255.0 / height};
      result = vips_xyz(&place, width, height, NULL) || vips_extract_band(place, &rows, 1, NULL)
        || vips_linear(rows, &alpha, scale, zero, 1, "uchar", TRUE, NULL) || vips_bandjoin2(image, alpha, &next, NULL);
      if (place) g_object_unref(place);
      if (rows) g_object_unref(rows);
      if (alpha) g_object_unref(alpha);
      break;
    }
    case PICTURE_PAGES: {
      // Different ones: what doesn't change is not kept as a picture of its own.
      VipsImage *three[] = {image, NULL, image}, *joined = NULL;
      result = vips_invert(image, &three[1], NULL) || vips_arrayjoin(three, &joined, 3, "across", 1, NULL) || vips_copy(joined, &next, NULL);
      if (three[1]) g_object_unref(three[1]);
      if (joined) g_object_unref(joined);
      if (!result) vips_image_set_int(next, VIPS_META_PAGE_HEIGHT, height);
      break;
    }
  }
  g_object_unref(image);
  return result ? NULL : next;
}

int picture_write(const char *path, int width, int height, int kind, int orientation, int secret) {
  if (start()) return -1;
  VipsImage *image = made(width, height, kind);
  if (!image) return -1;
  if (orientation) vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
  if (secret) {
    vips_image_set_string(image, "exif-ifd0-Artist", "a name (a name, ASCII, 7 components, 7 bytes)");
    vips_image_set_string(image, "exif-ifd3-GPSLatitude", "41/1 18/1 0/1 (41, 18, 0, Rational, 3 components, 24 bytes)");
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, "<x:xmpmeta>where</x:xmpmeta>", 28);
  }
  int result = vips_image_write_to_file(image, path, NULL);
  g_object_unref(image);
  return result;
}

uint8_t *picture_read(const char *path, int *width, int *height) {
  if (start()) return NULL;
  VipsImage *image = vips_image_new_from_file(path, NULL), *plain = NULL, *opaque = NULL;
  if (!image) return NULL;
  uint8_t *result = NULL;
  size_t size = 0;
  if (!vips_colourspace(image, &plain, VIPS_INTERPRETATION_sRGB, NULL) && !vips_extract_band(plain, &opaque, 0, "n", 3, NULL)) {
    void *bytes = vips_image_write_to_memory(opaque, &size);
    *width = vips_image_get_width(opaque);
    *height = vips_image_get_height(opaque);
    if (bytes && (result = malloc(size))) memcpy(result, bytes, size);
    g_free(bytes);
  }
  if (opaque) g_object_unref(opaque);
  if (plain) g_object_unref(plain);
  g_object_unref(image);
  return result;
}

static void *matches(VipsImage *image, const char *name, GValue *value, void *wanted) {
  (void)image, (void)value;
  return strncmp(name, wanted, strlen(wanted)) == 0 ? image : NULL;
}

int picture_has(const char *path, const char *field) {
  if (start()) return -1;
  VipsImage *image = vips_image_new_from_file(path, NULL);
  if (!image) return -1;
  int result = vips_image_map(image, matches, (void *)field) != NULL;
  g_object_unref(image);
  return result;
}

long picture_append_zeros(const char *path, uint64_t count) {
  enum { PIECE = 1 << 16 };
  FILE *file = fopen(path, "ab");
  unsigned char *zeros = calloc(2, PIECE), *out = zeros + PIECE;
  z_stream stream = {0};
  long total = 0;
  if (!file || !zeros || deflateInit(&stream, 1) != Z_OK) {
    if (file) fclose(file);
    free(zeros);
    return -1;
  }
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0 && count > 0) {
      stream.next_in = zeros;
      stream.avail_in = count < PIECE ? (unsigned)count : PIECE;
      count -= stream.avail_in;
    }
    stream.next_out = out;
    stream.avail_out = PIECE;
    state = deflate(&stream, count == 0 ? Z_FINISH : Z_NO_FLUSH);
    size_t made = PIECE - stream.avail_out;
    if (state < 0 && state != Z_BUF_ERROR) break;
    if (fwrite(out, 1, made, file) != made) break;
    total += (long)made;
  }
  deflateEnd(&stream);
  free(zeros);
  return fclose(file) == 0 && state == Z_STREAM_END ? total : -1;
}

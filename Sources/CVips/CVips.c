#define _GNU_SOURCE
#include "CVips.h"

#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

int cvips_start(int threads) {
  if (VIPS_INIT("MediaWorker")) return -1;
  vips_concurrency_set(threads);
  // One file, each operation once.
  vips_cache_set_max(0);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  static const char *const allowed[] = {
    "VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadHeif", "VipsForeignLoadTiff",
  };
  for (size_t index = 0; index < sizeof allowed / sizeof *allowed; index++) vips_operation_block_set(allowed[index], FALSE);
  return 0;
}

void cvips_error(char *buffer, int size) {
  snprintf(buffer, size, "%s", vips_error_buffer());
  vips_error_clear();
}

void cvips_release(VipsImage *image) { g_object_unref(image); }
void cvips_free(void *memory) { g_free(memory); }

// MARK: Reading

VipsImage *cvips_open(const char *path, int format, int sequential) {
  VipsImage *image = NULL;
  VipsAccess access = sequential ? VIPS_ACCESS_SEQUENTIAL : VIPS_ACCESS_RANDOM;
  int result = -1;
  switch (format) {
    case CVIPS_JPEG: result = vips_jpegload(path, &image, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL); break;
    case CVIPS_PNG: result = vips_pngload(path, &image, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL); break;
    case CVIPS_WEBP: result = vips_webpload(path, &image, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL); break;
    case CVIPS_HEIF: result = vips_heifload(path, &image, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL); break;
    case CVIPS_TIFF: result = vips_tiffload(path, &image, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL); break;
  }
  return result ? NULL : image;
}

cvips_header cvips_describe(VipsImage *image) {
  return (cvips_header){
    .width = vips_image_get_width(image),
    .height = vips_image_get_height(image),
    .pages = vips_image_get_n_pages(image),
    .orientation = vips_image_get_orientation(image),
  };
}

VipsImage *cvips_upright(VipsImage *image) {
  VipsImage *out = NULL;
  return vips_autorot(image, &out, NULL) ? NULL : out;
}

// Nearly every profile is sRGB under one of its names; converting from sRGB to sRGB costs more than all the rest.
static int says_srgb(VipsImage *image) {
  const void *profile;
  size_t size;
  if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size)) {
    vips_error_clear();
    return 0;
  }
  if (size > 1 << 20) return 0;
  return memmem(profile, size, "sRGB", 4) || memmem(profile, size, "s\0R\0G\0B", 7);
}

// The next step's picture takes the place of the former one.
static int step(VipsImage **image, VipsImage *next, int result) {
  if (result) return -1;
  g_object_unref(*image);
  *image = next;
  return 0;
}

static int convert_colours(VipsImage **image) {
  VipsImage *next = NULL;
  int bands = vips_image_get_bands(*image);
  gboolean described = vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0 && !(bands >= 3 && says_srgb(*image));
  if (described) {
    if (!vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_RELATIVE, "depth", 8, NULL))
      return step(image, next, 0);
    // A profile that makes no sense counts as none.
    vips_error_clear();
  }
  if (vips_image_get_interpretation(*image) == VIPS_INTERPRETATION_sRGB) return 0;
  int result = vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL);
  return step(image, next, result);
}

static int make_opaque(VipsImage **image) {
  VipsImage *next = NULL;
  if (!vips_image_hasalpha(*image)) return 0;
  double white[] = {255, 255, 255};
  VipsArrayDouble *background = vips_array_double_new(white, 3);
  int result = vips_flatten(*image, &next, "background", background, NULL);
  vips_area_unref(VIPS_AREA(background));
  return step(image, next, result);
}

VipsImage *cvips_plain(VipsImage *image) {
  VipsImage *now = image, *next = NULL;
  g_object_ref(now);
  if (convert_colours(&now)) goto failed;
  if (vips_image_get_format(now) != VIPS_FORMAT_UCHAR) {
    int result = vips_cast(now, &next, VIPS_FORMAT_UCHAR, NULL);
    if (step(&now, next, result)) goto failed;
  }
  if (make_opaque(&now)) goto failed;
  if (vips_image_get_bands(now) > 3) {
    int result = vips_extract_band(now, &next, 0, "n", 3, NULL);
    if (step(&now, next, result)) goto failed;
  }
  if (vips_image_get_bands(now) != 3 || vips_image_get_coding(now) != VIPS_CODING_NONE) {
    vips_error("cvips_plain", "%d bands are left", vips_image_get_bands(now));
    goto failed;
  }
  return now;
failed:
  g_object_unref(now);
  return NULL;
}

// MARK: The stamp

typedef struct {
  cvips_layer layers[4];
  int count;
} cvips_layers;

// One row of a layer over `count` pixels from column `left` on.
static void blend(VipsPel *pixel, const cvips_layer *layer, const uint32_t *row, int left, int count) {
  int column = layer->tiled ? left % layer->width : left - layer->left;
  for (int index = 0; index < count; index++, pixel += 3, column++) {
    if (layer->tiled && column == layer->width) column = 0;
    uint32_t word = row[column];
    if (!word) continue;
    uint32_t rest = 255 - (word >> 24);
    // (x + 128 + ((x + 128) >> 8)) >> 8 is x / 255, rounded, for all products of two bytes.
    for (int band = 0, shift = 16; band < 3; band++, shift -= 8) {
      uint32_t below = pixel[band] * rest + 128;
      uint32_t sum = ((below + (below >> 8)) >> 8) + (word >> shift & 255);
      pixel[band] = sum > 255 ? 255 : sum;
    }
  }
}

static int generate(VipsRegion *out, void *sequence, void *unused, void *closure, gboolean *stop) {
  (void)unused, (void)stop;
  VipsRegion *in = sequence;
  const cvips_layers *stamp = closure;
  const VipsRect *area = &out->valid;
  if (vips_region_prepare(in, area)) return -1;
  for (int y = area->top; y < area->top + area->height; y++) {
    VipsPel *pixels = VIPS_REGION_ADDR(out, area->left, y);
    memcpy(pixels, VIPS_REGION_ADDR(in, area->left, y), (size_t)area->width * 3);
    for (int index = 0; index < stamp->count; index++) {
      const cvips_layer *layer = &stamp->layers[index];
      if (layer->tiled) {
        blend(pixels, layer, layer->pixels + (size_t)(y % layer->height) * layer->stride, area->left, area->width);
        continue;
      }
      int row = y - layer->top;
      int from = VIPS_MAX(area->left, layer->left), to = VIPS_MIN(area->left + area->width, layer->left + layer->width);
      if (row >= 0 && row < layer->height && from < to)
        blend(pixels + (from - area->left) * 3, layer, layer->pixels + (size_t)row * layer->stride, from, to - from);
    }
  }
  return 0;
}

VipsImage *cvips_stamped(VipsImage *image, const cvips_layer *layers, int count) {
  if (count < 0 || count > 4) return NULL;
  VipsImage *out = vips_image_new();
  cvips_layers *stamp = VIPS_NEW(out, cvips_layers);
  if (!stamp) goto failed;
  stamp->count = count;
  memcpy(stamp->layers, layers, (size_t)count * sizeof *layers);
  if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, image, NULL)) goto failed;
  // The result keeps what it is made from alive.
  g_object_ref(image);
  vips_object_local(VIPS_OBJECT(out), G_OBJECT(image));
  if (vips_image_generate(out, vips_start_one, generate, vips_stop_one, image, stamp)) goto failed;
  return out;
failed:
  g_object_unref(out);
  return NULL;
}

// MARK: Writing

int cvips_save_jpeg(VipsImage *image, const char *path, int quality) {
  return vips_jpegsave(image, path, "Q", quality, "strip", TRUE, NULL);
}

int cvips_save_png(VipsImage *image, const char *path) {
  return vips_pngsave(image, path, "strip", TRUE, "compression", 4, "filter", VIPS_FOREIGN_PNG_FILTER_SUB, NULL);
}

int cvips_shrink(const char *path, int side, int quality, const char *to, int *width, int *height) {
  VipsImage *image = NULL;
  if (vips_thumbnail(path, &image, side, "height", side, "size", VIPS_SIZE_DOWN, NULL)) return -1;
  *width = vips_image_get_width(image);
  *height = vips_image_get_height(image);
  int result = cvips_save_jpeg(image, to, quality);
  g_object_unref(image);
  return result;
}

uint32_t *cvips_pixels(const char *path, int format, int box_width, int box_height, int *width, int *height) {
  VipsImage *image = cvips_open(path, format, 0), *next = NULL;
  uint32_t *words = NULL;
  VipsPel *bytes = NULL;
  size_t size;
  if (!image) return NULL;
  if ((int64_t)vips_image_get_width(image) * vips_image_get_height(image) > 16 << 20) {
    vips_error("cvips_pixels", "the picture is too large");
    goto done;
  }
  if (convert_colours(&image)) goto done;
  int result = vips_thumbnail_image(image, &next, box_width, "height", box_height, "size", VIPS_SIZE_DOWN, NULL);
  if (step(&image, next, result)) goto done;
  if (vips_image_get_format(image) != VIPS_FORMAT_UCHAR) {
    result = vips_cast(image, &next, VIPS_FORMAT_UCHAR, NULL);
    if (step(&image, next, result)) goto done;
  }
  if (!vips_image_hasalpha(image)) {
    result = vips_addalpha(image, &next, NULL);
    if (step(&image, next, result)) goto done;
  }
  if (vips_image_get_bands(image) != 4) {
    vips_error("cvips_pixels", "%d bands are left", vips_image_get_bands(image));
    goto done;
  }
  if (vips_image_get_format(image) != VIPS_FORMAT_UCHAR) {
    result = vips_cast(image, &next, VIPS_FORMAT_UCHAR, NULL);
    if (step(&image, next, result)) goto done;
  }
  bytes = vips_image_write_to_memory(image, &size);
  if (!bytes) goto done;
  *width = vips_image_get_width(image);
  *height = vips_image_get_height(image);
  words = g_try_malloc((size_t)*width * *height * 4);
  if (!words) goto done;
  for (size_t index = 0; index < (size_t)*width * *height; index++) {
    const VipsPel *pixel = bytes + index * 4;
    uint32_t alpha = pixel[3];
    words[index] = alpha << 24 | (pixel[0] * alpha + 127) / 255 << 16 | (pixel[1] * alpha + 127) / 255 << 8 | (pixel[2] * alpha + 127) / 255;
  }
done:
  g_free(bytes);
  g_object_unref(image);
  return words;
}

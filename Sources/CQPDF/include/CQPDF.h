// libqpdf for Swift: opening, cleaning and stamping a PDF without ever drawing it. C++ and its exceptions stay behind this door.
#ifndef CQPDF_H
#define CQPDF_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cqpdf cqpdf;

// Why something did not work.
enum {
  CQPDF_FINE,
  CQPDF_ENCRYPTED, // opens only with a password
  CQPDF_BROKEN,    // no PDF, or one that is past repair
  CQPDF_PAGES,     // too many pages
  CQPDF_INFLATED,  // more comes out of its compressed parts than is allowed
  CQPDF_PIXELS,    // a picture in it claims to have too many pixels
  CQPDF_MEMORY     // it does not fit into the memory that there is
};

// What the digital signatures of a document cover. Nobody asks here whether they are valid.
enum {
  CQPDF_UNSIGNED,
  CQPDF_SIGNED,      // some of it: something was added later
  CQPDF_SIGNED_WHOLE // all of it
};

typedef struct {
  uint32_t pages;    // the most pages
  uint64_t inflated; // the most bytes that may come out of all that is no picture
  uint64_t pixels;   // the most pixels of one picture
} cqpdf_limits;

// A part of a page as shown, from its upper left corner, in its own units.
typedef struct {
  double x, y, width, height;
} cqpdf_box;

// Opens a file and looks at all of it. NULL: `*problem` says why not, and `reason` (of `size` bytes) in words, which may quote the file.
cqpdf *cqpdf_open(const char *path, cqpdf_limits limits, int *problem, char *reason, int size);
void cqpdf_close(cqpdf *file);

int cqpdf_pages(const cqpdf *file);
// What of it is digitally signed, one of the numbers above. Any change makes a signature worthless.
int cqpdf_signature(const cqpdf *file);
// A page's width and height as shown, in its own units (1/72 inch unless it says otherwise).
void cqpdf_page_size(const cqpdf *file, int page, double *width, double *height);

// Removes scripts, actions but jumps and web links, embedded files, sounds, films, 3D, XFA, and the metadata. Gives the number of things that were
// removed besides metadata; -1 when it failed.
int cqpdf_clean(cqpdf *file, char *reason, int size);
// Puts page `of[n]` of the file `stamp` over page n, for every page, and over all that lies on it: annotations become content, but for links and the
// form's fields. Fields become content too where they meet `cards[n]`, where the strong stamp stands, or are large enough to hide the light one.
// All count from 0. Returns 0, or a problem.
int cqpdf_stamp(cqpdf *file, const char *stamp, const int *of, const cqpdf_box *cards, char *reason, int size);
// Writes it without encryption. Returns 0, or a problem.
int cqpdf_write(cqpdf *file, const char *path, char *reason, int size);

#ifdef __cplusplus
}
#endif

#endif

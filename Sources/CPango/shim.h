// Cairo draws, Pango sets text; both onto pictures and into PDFs.
#include <cairo/cairo.h>
#include <cairo/cairo-pdf.h>
#include <pango/pangocairo.h>

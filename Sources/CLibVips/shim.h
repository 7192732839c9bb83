// libvips with GLib below it. Only CVips sees them: most functions of libvips take any number of arguments, which Swift cannot call.
#include <vips/vips.h>

// Taking out of a PDF what acts by itself or carries other files.
#pragma once

#include <qpdf/QPDF.hh>

namespace onefin {

// Returns how many things were removed, metadata not counted.
int sweep(QPDF &pdf);

}  // namespace onefin

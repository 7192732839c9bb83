// Digital signatures of a PDF, as far as their form goes: whether they are valid is for whoever checks them to say.
#pragma once

#include <qpdf/QPDF.hh>

namespace onefin {

// A value of `CQPDF_UNSIGNED` and so on: what the signatures of a document that was read from `path` cover.
int signatureOf(QPDF &pdf, const char *path);

}  // namespace onefin

#include "Signature.hh"

#include "CQPDF.h"

#include <fstream>

namespace {

using Object = QPDFObjectHandle;

// Whether the bytes that a signature leaves out are its own digits and nothing else: with two brackets around them.
bool isGap(std::ifstream &file, long long start, long long end) {
  file.clear();
  file.seekg(start);
  for (long long at = start; at < end; at++) {
    int byte = file.get();
    if (at == start ? byte != '<' : at == end - 1 ? byte != '>' : !isxdigit(byte)) return false;
  }
  return true;
}

// How many bytes from the file's start on a signature is about; 0: it is none.
long long covered(Object &signature, std::ifstream &file, long long size) {
  Object range = signature.getKey("/ByteRange"), contents = signature.getKey("/Contents");
  if (!signature.getKey("/Filter").isName() || !range.isArray() || range.getArrayNItems() != 4 || !contents.isString()) return 0;
  long long numbers[4];
  for (int index = 0; index < 4; index++) {
    Object number = range.getArrayItem(index);
    if (!number.isInteger()) return 0;
    numbers[index] = number.getIntValue();
    if (numbers[index] < 0 || numbers[index] > size) return 0;
  }
  long long start = numbers[1], end = numbers[2], whole = numbers[2] + numbers[3];
  // What is signed begins at the start; what signs it is DER: a sequence, or the string of an old kind of signature.
  std::string sign = contents.getStringValue();
  if (numbers[0] != 0 || whole > size || sign.empty() || (end - start - 1) / 2 != static_cast<long long>(sign.size()) || (sign[0] != 0x30 && sign[0] != 0x04)) return 0;
  return isGap(file, start, end) ? whole : 0;
}

}  // namespace

int onefin::signatureOf(QPDF &pdf, const char *path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  long long size = static_cast<long long>(file.tellg());
  int found = CQPDF_UNSIGNED;
  for (auto &object : pdf.getAllObjects()) {
    if (!object.isDictionary() || !object.getKey("/V").isDictionary()) continue;
    Object kind = object.getKey("/FT"), value = object.getKey("/V");
    if (!kind.isName() || kind.getName() != "/Sig") continue;
    long long bytes = covered(value, file, size);
    if (bytes == size) return CQPDF_SIGNED_WHOLE;
    if (bytes > 0) found = CQPDF_SIGNED;
  }
  return found;
}

#include "CQPDF.h"

#include "Content.hh"
#include "Notes.hh"
#include "Signature.hh"
#include "Sweep.hh"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <new>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFMatrix.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using Object = QPDFObjectHandle;
using Rectangle = QPDFObjectHandle::Rectangle;

namespace {

struct Trouble {
  int problem;
  const char *reason;
};

// A page as it is shown.
struct Place {
  QPDFPageObjectHelper page;
  Rectangle box;
  int turn;  // degrees clockwise
  onefin::Traces traces;
};

// Counts what comes out of a stream, and keeps it only for those who want it.
class Counter : public Pipeline {
public:
  Counter(uint64_t &total, uint64_t most, std::string *kept) : Pipeline("count", nullptr), total(total), most(most), kept(kept) {}
  void write(unsigned char const *data, size_t size) override {
    total += size;
    if (total > most) throw Trouble{CQPDF_INFLATED, "more comes out of its streams than is allowed"};
    if (kept) kept->append(reinterpret_cast<char const *>(data), size);
  }
  void finish() override {}

private:
  uint64_t &total;
  uint64_t most;
  std::string *kept;
};

void tell(char *reason, int size, const char *text) {
  if (reason && size > 0) snprintf(reason, static_cast<size_t>(size), "%s", text);
}

// Runs a piece of work; whatever it throws becomes a number and a sentence.
template <class Work> int guarded(char *reason, int size, Work work) {
  try {
    work();
    return CQPDF_FINE;
  } catch (Trouble &trouble) {
    tell(reason, size, trouble.reason);
    return trouble.problem;
  } catch (QPDFExc &error) {
    tell(reason, size, error.what());
    return error.getErrorCode() == qpdf_e_password ? CQPDF_ENCRYPTED : CQPDF_BROKEN;
  } catch (std::bad_alloc &) {
    tell(reason, size, "there is not enough memory for it");
    return CQPDF_MEMORY;
  } catch (std::length_error &) {
    tell(reason, size, "there is not enough memory for it");
    return CQPDF_MEMORY;
  } catch (std::exception &error) {
    tell(reason, size, error.what());
    return CQPDF_BROKEN;
  }
}

bool isUsable(Rectangle const &box) {
  return std::isfinite(box.llx) && std::isfinite(box.lly) && std::isfinite(box.urx) && std::isfinite(box.ury) && box.urx - box.llx >= 1
    && box.ury - box.lly >= 1;
}

Rectangle ordered(Rectangle box) {
  if (box.llx > box.urx) std::swap(box.llx, box.urx);
  if (box.lly > box.ury) std::swap(box.lly, box.ury);
  return box;
}

// What viewers show: the crop box where it lies in the media box. Boxes that make no sense count as A4.
Rectangle shownBox(QPDFPageObjectHelper &page) {
  Rectangle media{0, 0, 595.276, 841.89};
  Object given = page.getAttribute("/MediaBox", false);
  if (given.isRectangle() && isUsable(ordered(given.getArrayAsRectangle()))) media = ordered(given.getArrayAsRectangle());
  Object crop = page.getAttribute("/CropBox", false);
  if (!crop.isRectangle()) return media;
  Rectangle box = ordered(crop.getArrayAsRectangle());
  Rectangle both{std::max(media.llx, box.llx), std::max(media.lly, box.lly), std::min(media.urx, box.urx), std::min(media.ury, box.ury)};
  return isUsable(both) ? both : media;
}

int shownTurn(QPDFPageObjectHelper &page) {
  Object rotate = page.getAttribute("/Rotate", false);
  if (!rotate.isInteger()) return 0;
  long long turn = rotate.getIntValue() % 360;
  if (turn < 0) turn += 360;
  return turn % 90 == 0 ? static_cast<int>(turn) : 0;
}

bool isPicture(Object &dictionary) {
  Object kind = dictionary.getKey("/Subtype");
  return kind.isName() && kind.getName() == "/Image";
}

// All that is inflated when somebody looks at the document is inflated once here, without being kept. Pictures are only asked how large they are:
// viewers take no more out of them than that.
void inspect(QPDF &pdf, cqpdf_limits const &limits, uint64_t &inflated) {
  for (auto &object : pdf.getAllObjects()) {
    if (!object.isStream()) continue;
    Object dictionary = object.getDict();
    if (isPicture(dictionary)) {
      Object width = dictionary.getKey("/Width"), height = dictionary.getKey("/Height");
      if (width.isInteger() && height.isInteger()) {
        double pixels = static_cast<double>(width.getIntValue()) * static_cast<double>(height.getIntValue());
        if (!(pixels >= 0) || pixels > static_cast<double>(limits.pixels)) throw Trouble{CQPDF_PIXELS, "a picture in it has too many pixels"};
      }
      continue;
    }
    Counter counter(inflated, limits.inflated, nullptr);
    object.pipeStreamData(&counter, 0, qpdf_dl_generalized, true, false);
  }
}

// The longest content of a page that is looked at: in memory, which it would fill otherwise.
constexpr uint64_t longestContent = 64 << 20;

std::string contentOf(QPDFPageObjectHelper &page) {
  std::string content;
  uint64_t size = 0;
  for (auto &part : page.getPageContents()) {
    Counter counter(size, longestContent, &content);
    part.pipeStreamData(&counter, 0, qpdf_dl_generalized, true, false);
    content += '\n';
  }
  return content;
}

}  // namespace

struct cqpdf {
  QPDF pdf;
  std::vector<Place> places;
  int signature = CQPDF_UNSIGNED;
  // What was copied from it is read when the file is written.
  QPDF stamps;
};

namespace {

void look(cqpdf &file, const char *path, cqpdf_limits const &limits) {
  QPDFPageDocumentHelper document(file.pdf);
  Object root = file.pdf.getRoot();
  if (!root.isDictionary()) throw Trouble{CQPDF_BROKEN, "it has no catalogue"};
  // Before the tree of pages is walked, what it claims; afterwards, what it has.
  auto pages = document.getAllPages();
  if (pages.empty()) throw Trouble{CQPDF_BROKEN, "it has no pages"};
  if (pages.size() > limits.pages) throw Trouble{CQPDF_PAGES, "it has too many pages"};
  uint64_t inflated = 0;
  inspect(file.pdf, limits, inflated);
  file.signature = onefin::signatureOf(file.pdf, path);
  for (auto &page : pages) {
    onefin::Traces traces = onefin::tracesOf(contentOf(page));
    file.places.push_back({page, shownBox(page), shownTurn(page), traces});
  }
}

// The content becomes a form of its own, so that nothing which it does outlives it.
void wrap(cqpdf &file, Place &place) {
  std::string content = contentOf(place.page);
  for (int mark = 0; mark < place.traces.openMarks; mark++) content += "\nEMC";
  Object form = Object::newStream(&file.pdf, content);
  Object dictionary = form.getDict();
  dictionary.replaceKey("/Type", Object::newName("/XObject"));
  dictionary.replaceKey("/Subtype", Object::newName("/Form"));
  dictionary.replaceKey("/BBox", Object::newFromRectangle(place.box));
  Object page = place.page.getObjectHandle();
  Object resources = place.page.getAttribute("/Resources", false);
  dictionary.replaceKey("/Resources", resources.isDictionary() ? resources : Object::newDictionary());
  if (page.getKey("/Group").isDictionary()) dictionary.replaceKey("/Group", page.getKey("/Group"));
  Object own = Object::parse("<< /XObject << >> >>");
  own.getKey("/XObject").replaceKey("/Page", form);
  page.replaceKey("/Resources", own);
  page.replaceKey("/Contents", Object::newStream(&file.pdf, "/Page Do\n"));
}

// From the page as shown, upright with its lower left corner at the origin, to the page's own coordinates.
QPDFMatrix matrix(Place const &place) {
  Rectangle const &box = place.box;
  switch (place.turn) {
    case 90: return QPDFMatrix(0, 1, -1, 0, box.urx, box.lly);
    case 180: return QPDFMatrix(-1, 0, 0, -1, box.urx, box.ury);
    case 270: return QPDFMatrix(0, -1, 1, 0, box.llx, box.ury);
    default: return QPDFMatrix(1, 0, 0, 1, box.llx, box.lly);
  }
}

// Where the strong stamp stands in the page's own coordinates.
Rectangle cardBox(Place const &place, cqpdf_box const &card) {
  double height = place.turn % 180 == 0 ? place.box.ury - place.box.lly : place.box.urx - place.box.llx;
  return matrix(place).transformRectangle({card.x, height - card.y - card.height, card.x + card.width, height - card.y});
}

void stamp(cqpdf &file, const char *path, const int *of, const cqpdf_box *cards) {
  onefin::Notes notes;
  file.stamps.setSuppressWarnings(true);
  file.stamps.processFile(path);
  auto sheets = QPDFPageDocumentHelper(file.stamps).getAllPages();
  std::map<int, Object> forms;
  for (size_t index = 0; index < file.places.size(); index++) {
    Place &place = file.places[index];
    int sheet = of[index];
    if (sheet < 0 || static_cast<size_t>(sheet) >= sheets.size()) throw Trouble{CQPDF_BROKEN, "there is no such stamp"};
    if (!forms.count(sheet)) forms[sheet] = file.pdf.copyForeignObject(sheets[static_cast<size_t>(sheet)].getFormXObjectForPage());
    if (!place.traces.isBalanced) wrap(file, place);
    Object page = place.page.getObjectHandle();
    Object resources = place.page.getAttribute("/Resources", true);
    if (!resources.isDictionary()) {
      resources = Object::newDictionary();
      page.replaceKey("/Resources", resources);
    }
    // Shared between pages, or with an XObject dictionary that others use too: this page gets its own.
    Object own = resources.shallowCopy();
    Object pictures = own.getKey("/XObject");
    Object ownPictures = pictures.isDictionary() ? pictures.shallowCopy() : Object::newDictionary();
    std::string overlaid = notes.flatten(place.page, place.box, cardBox(place, cards[index]), place.turn, ownPictures);
    std::string name = "/Stamp";
    for (int suffix = 1; ownPictures.hasKey(name); suffix++) name = "/Stamp" + std::to_string(suffix);
    ownPictures.replaceKey(name, forms[sheet]);
    own.replaceKey("/XObject", ownPictures);
    page.replaceKey("/Resources", own);
    place.page.addPageContents(Object::newStream(&file.pdf, "q\n"), true);
    place.page.addPageContents(Object::newStream(&file.pdf, "\nQ\n" + overlaid + "q " + matrix(place).unparse() + " cm " + name + " Do Q\n"), false);
    // What is shown is what was stamped: no other box may make a viewer or a printer show another part.
    page.replaceKey("/CropBox", Object::newFromRectangle(place.box));
    for (const char *box : {"/TrimBox", "/BleedBox", "/ArtBox"}) page.removeKey(box);
  }
  notes.forget();
}

}  // namespace

cqpdf *cqpdf_open(const char *path, cqpdf_limits limits, int *problem, char *reason, int size) {
  cqpdf *file = nullptr;
  *problem = guarded(reason, size, [&] {
    file = new cqpdf;
    file->pdf.setSuppressWarnings(true);
    file->pdf.processFile(path);
    look(*file, path, limits);
  });
  if (*problem == CQPDF_FINE) return file;
  delete file;
  return nullptr;
}

void cqpdf_close(cqpdf *file) { delete file; }

int cqpdf_pages(const cqpdf *file) { return static_cast<int>(file->places.size()); }

int cqpdf_signature(const cqpdf *file) { return file->signature; }

void cqpdf_page_size(const cqpdf *file, int page, double *width, double *height) {
  Place const &place = file->places.at(static_cast<size_t>(page));
  *width = place.box.urx - place.box.llx;
  *height = place.box.ury - place.box.lly;
  if (place.turn % 180 != 0) std::swap(*width, *height);
}

int cqpdf_clean(cqpdf *file, char *reason, int size) {
  int removed = 0;
  return guarded(reason, size, [&] { removed = onefin::sweep(file->pdf); }) == CQPDF_FINE ? removed : -1;
}

int cqpdf_stamp(cqpdf *file, const char *path, const int *of, const cqpdf_box *cards, char *reason, int size) {
  return guarded(reason, size, [&] { stamp(*file, path, of, cards); });
}

int cqpdf_write(cqpdf *file, const char *path, char *reason, int size) {
  return guarded(reason, size, [&] {
    QPDFWriter writer(file->pdf, path);
    writer.setPreserveEncryption(false);
    writer.setObjectStreamMode(qpdf_o_generate);
    writer.setStreamDataMode(qpdf_s_compress);
    writer.setDecodeLevel(qpdf_dl_generalized);
    writer.write();
  });
}

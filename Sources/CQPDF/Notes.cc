#include "Notes.hh"

#include <algorithm>
#include <cmath>
#include <qpdf/Constants.h>
#include <qpdf/QPDFAnnotationObjectHelper.hh>

namespace {

using Object = QPDFObjectHandle;
using onefin::Rectangle;

double area(Rectangle const &one, Rectangle const &other) {
  double width = std::min(one.urx, other.urx) - std::max(one.llx, other.llx), height = std::min(one.ury, other.ury) - std::max(one.lly, other.lly);
  return width > 0 && height > 0 ? width * height : 0;
}

double area(Rectangle const &box) { return area(box, box); }

bool isOf(Object note, const char *kind) {
  Object given = note.getKey("/Subtype");
  return given.isName() && given.getName() == kind;
}

// How much of the page a field covers; all of it when nobody can tell, because its place is none or depends on how the page is looked at.
double covered(Object field, Rectangle const &shown) {
  Object box = field.getKey("/Rect"), flags = field.getKey("/F");
  if (!box.isRectangle()) return area(shown);
  if (flags.isInteger() && (flags.getIntValue() & (an_no_zoom | an_no_rotate)) != 0) return area(shown);
  return area(box.getArrayAsRectangle(), shown);
}

// A viewer draws a frame around a link, as thick as the link says.
void makeInvisible(Object link) {
  for (const char *key : {"/AP", "/BS", "/BE", "/C"}) link.removeKey(key);
  link.replaceKey("/Border", Object::parse("[0 0 0]"));
}

}  // namespace

std::string onefin::Notes::flatten(QPDFPageObjectHelper &page, Rectangle const &shown, Rectangle const &card, int turn, Object &pictures) {
  Object dictionary = page.getObjectHandle();
  Object given = dictionary.getKey("/Annots");
  dictionary.removeKey("/Annots");
  if (!given.isArray()) return "";
  std::vector<Object> notes = given.getArrayAsVector();
  notes.erase(std::remove_if(notes.begin(), notes.end(), [](Object &note) { return !note.isDictionary(); }), notes.end());
  double fields = 0;
  for (auto &note : notes)
    if (isOf(note, "/Widget")) fields += covered(note, shown);
  // Of a page of fields too little may be left to see the pattern on.
  bool keepsFields = fields <= area(shown) / 2;
  Object kept = Object::newArray();
  std::string content;
  int number = 1;
  for (auto &note : notes) {
    if (isOf(note, "/Link")) {
      makeInvisible(note);
      kept.appendItem(note);
      continue;
    }
    if (isOf(note, "/Widget")) {
      double size = covered(note, shown);
      if (keepsFields && size <= area(shown) / 4 && area(note.getKey("/Rect").getArrayAsRectangle(), card) == 0) {
        kept.appendItem(note);
        continue;
      }
      flattened.push_back(note);
    }
    // The window of a note shows nothing that isn't in the note.
    if (isOf(note, "/Popup")) continue;
    // What has no appearance is drawn by each viewer as it likes, and by some not at all: it goes.
    QPDFAnnotationObjectHelper helper(note);
    Object appearance = helper.getAppearanceStream("/N");
    if (!appearance.isStream() || !note.getKey("/Rect").isRectangle()) continue;
    // What belongs to a layer stays in it.
    Object layer = note.getKey("/OC");
    if (layer.isDictionary()) {
      appearance = appearance.copyStream();
      appearance.getDict().replaceKey("/OC", layer);
    }
    std::string name;
    do name = "/Note" + std::to_string(number++);
    while (pictures.hasKey(name));
    std::string drawing = helper.getPageContentForAppearance(name, turn);
    if (drawing.empty()) continue;
    pictures.replaceKey(name, appearance);
    content += drawing + "\n";
  }
  if (kept.getArrayNItems() > 0) dictionary.replaceKey("/Annots", kept);
  return content;
}

void onefin::Notes::forget() {
  for (auto &field : flattened)
    for (const char *key : {"/Type", "/Subtype", "/Rect", "/AP", "/AS", "/MK", "/BS", "/Border", "/F", "/P"}) field.removeKey(key);
  flattened.clear();
}

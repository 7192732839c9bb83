#include "Sweep.hh"

#include <set>
#include <stdexcept>
#include <string>

namespace {

using Object = QPDFObjectHandle;

// Keys with one meaning wherever they stand: scripts, what happens by itself, files inside, films, forms that are programs.
const char *const forbidden[] = {
  "/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/XFA", "/OpenAction", "/RichMediaContent", "/RichMediaSettings", "/Renditions",
  "/AlternatePresentations", "/Collection", "/NeedsRendering", "/3DD",
};
// Who wrote it with what, and thumbnails of what it looked like without a stamp.
const char *const metadata[] = {"/Metadata", "/PieceInfo", "/Thumb", "/LastModified"};

// What an action may be; all others reach out of the document or run something.
bool isHarmless(const std::string &kind, Object &action) {
  if (kind == "/GoTo" || kind == "/Named" || kind == "/Thread") return true;
  if (kind != "/URI") return false;
  Object address = action.getKey("/URI");
  if (!address.isString()) return false;
  std::string text = address.getStringValue();
  for (auto &byte : text) byte = static_cast<char>(tolower(static_cast<unsigned char>(byte)));
  for (const char *scheme : {"http://", "https://", "mailto:", "tel:"})
    if (text.rfind(scheme, 0) == 0) return true;
  return false;
}

bool isAction(const std::string &kind) {
  static const std::set<std::string> kinds = {
    "/GoToR", "/GoToE", "/Launch", "/URI", "/Sound", "/Movie", "/Hide", "/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState",
    "/Rendition", "/Trans", "/GoTo3DView", "/RichMediaExecute", "/GoToDp",
  };
  return kinds.count(kind) != 0;
}

bool isActiveAnnotation(Object &dictionary) {
  static const std::set<std::string> kinds = {"/FileAttachment", "/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/TrapNet"};
  Object kind = dictionary.getKey("/Subtype");
  return kind.isName() && kinds.count(kind.getName()) != 0;
}

class Sweeper {
public:
  int removed = 0;

  // An object and all that lies directly in it; what it refers to is met in its own right. What nobody looked into does not go out.
  void visit(Object object, int depth) {
    if (depth > 100) throw std::runtime_error("its objects are nested too deeply");
    if (object.isArray()) {
      for (int index = 0; index < object.getArrayNItems(); index++) inner(object.getArrayItem(index), depth);
      return;
    }
    Object dictionary = object.isStream() ? object.getDict() : object;
    if (!dictionary.isDictionary()) return;
    clean(dictionary);
    for (auto const &key : dictionary.getKeys()) inner(dictionary.getKey(key), depth);
  }

private:
  void inner(Object object, int depth) {
    if (!object.isIndirect()) visit(object, depth + 1);
  }

  void remove(Object &dictionary, const std::string &key) {
    if (!dictionary.hasKey(key)) return;
    dictionary.removeKey(key);
    removed++;
  }

  void clean(Object &dictionary) {
    Object kind = dictionary.getKey("/S");
    if (kind.isName() && isAction(kind.getName()) && !isHarmless(kind.getName(), dictionary)) {
      // An action without a kind does nothing.
      for (auto const &key : dictionary.getKeys()) dictionary.removeKey(key);
      removed++;
      return;
    }
    // One action is enough. Of what else has a kind nothing comes next.
    if (kind.isName()) remove(dictionary, "/Next");
    for (const char *key : forbidden) remove(dictionary, key);
    for (const char *key : metadata) dictionary.removeKey(key);
    Object annotations = dictionary.getKey("/Annots");
    if (annotations.isArray()) cleanAnnotations(annotations);
  }

  void cleanAnnotations(Object &annotations) {
    for (int index = annotations.getArrayNItems() - 1; index >= 0; index--) {
      Object annotation = annotations.getArrayItem(index);
      if (annotation.isDictionary() && !isActiveAnnotation(annotation)) continue;
      annotations.eraseItem(index);
      removed++;
    }
  }
};

}  // namespace

int onefin::sweep(QPDF &pdf) {
  Sweeper sweeper;
  for (auto &object : pdf.getAllObjects()) sweeper.visit(object, 0);
  pdf.getTrailer().removeKey("/Info");
  return sweeper.removed;
}

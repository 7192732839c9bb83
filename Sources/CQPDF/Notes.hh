// What viewers draw over a page's content: its annotations.
#pragma once

#include <qpdf/QPDFPageObjectHelper.hh>
#include <string>
#include <vector>

namespace onefin {

using Rectangle = QPDFObjectHandle::Rectangle;

// Sees to it that nothing is drawn over a stamp that becomes the last part of a page's content.
class Notes {
public:
  // Takes away a page's annotations but links, which draw nothing then, and the form's fields that cannot hide the stamp. `pictures` are the page's
  // XObjects; what was taken away and has an appearance becomes one of them. Returns the content that draws it, "" for nothing.
  //
  // `shown` is the page's box, `card` the strong stamp's, both in the page's own coordinates; `turn` is the page's, in degrees.
  std::string flatten(QPDFPageObjectHelper &page, Rectangle const &shown, Rectangle const &card, int turn, QPDFObjectHandle &pictures);

  // What became content is not to be drawn once more by whoever finds it through the form: call it after the last page.
  void forget();

private:
  std::vector<QPDFObjectHandle> flattened;
};

}  // namespace onefin

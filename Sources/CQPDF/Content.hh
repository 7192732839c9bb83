// What a page's content may do to what is drawn after it.
#pragma once

#include <string>

namespace onefin {

struct Traces {
  // All that the content changes is sure to be undone by a `q` before it and a `Q` after it.
  bool isBalanced = false;
  // Marked contents that it leaves open. One that belongs to a hidden layer would hide what comes after it too.
  int openMarks = 0;
};

// A content with an operator of a pair too many, with something unclosed at its end, or with inline pictures, in whose bytes we could lose our way, is
// not balanced: it could shrink, clip, hide or swallow what comes after it.
Traces tracesOf(const std::string &content);

}  // namespace onefin

#include "Content.hh"

namespace {

bool isSpace(unsigned char byte) { return byte == 0 || byte == 9 || byte == 10 || byte == 12 || byte == 13 || byte == 32; }

bool isDelimiter(unsigned char byte) {
  switch (byte) {
    case '(': case ')': case '<': case '>': case '[': case ']': case '{': case '}': case '/': case '%': return true;
    default: return isSpace(byte);
  }
}

// A pair of operators or brackets, counted.
struct Pair {
  int open = 0;
  bool isBroken = false;

  void begin() { open++; }
  void end() {
    if (open == 0) isBroken = true;
    else open--;
  }
  bool isBalanced() const { return open == 0 && !isBroken; }
};

class Scanner {
public:
  explicit Scanner(const std::string &content) : content(content) {}

  onefin::Traces scan() {
    while (at < content.size()) next();
    onefin::Traces traces;
    traces.openMarks = marks.open;
    traces.isBalanced = !isStrange && states.isBalanced() && texts.isBalanced() && marks.isBalanced() && arrays.isBalanced() && dictionaries.isBalanced();
    return traces;
  }

private:
  const std::string &content;
  size_t at = 0;
  bool isStrange = false;
  Pair states, texts, marks, arrays, dictionaries;

  unsigned char byte(size_t offset = 0) const {
    return at + offset < content.size() ? static_cast<unsigned char>(content[at + offset]) : 0;
  }

  void next() {
    switch (byte()) {
      case '%':
        while (at < content.size() && byte() != '\n' && byte() != '\r') at++;
        return;
      case '(': return string();
      case '[': at++; return arrays.begin();
      case ']': at++; return arrays.end();
      case '<':
        if (byte(1) == '<') { at += 2; return dictionaries.begin(); }
        while (at < content.size() && byte() != '>') at++;
        if (at == content.size()) isStrange = true;
        at++;
        return;
      case '>':
        if (byte(1) == '>') { at += 2; return dictionaries.end(); }
        isStrange = true;
        at++;
        return;
      case '/':
        do at++;
        while (at < content.size() && !isDelimiter(byte()));
        return;
      case ')': case '{': case '}':
        isStrange = true;
        at++;
        return;
      default:
        if (isSpace(byte())) { at++; return; }
        word();
    }
  }

  void string() {
    int open = 0;
    do {
      if (byte() == '\\') at++;
      else if (byte() == '(') open++;
      else if (byte() == ')') open--;
      at++;
    } while (open > 0 && at < content.size());
    if (open > 0 || at > content.size()) isStrange = true;
  }

  void word() {
    size_t start = at;
    while (at < content.size() && !isDelimiter(byte())) at++;
    size_t length = at - start;
    auto is = [&](const char *text) { return content.compare(start, length, text) == 0; };
    if (length == 1) {
      if (is("q")) states.begin();
      else if (is("Q")) states.end();
    } else if (length == 2) {
      if (is("BT")) texts.begin();
      else if (is("ET")) texts.end();
      else if (is("BI")) isStrange = true;
    } else if (length == 3) {
      if (is("BMC") || is("BDC")) marks.begin();
      else if (is("EMC")) marks.end();
    }
  }
};

}  // namespace

onefin::Traces onefin::tracesOf(const std::string &content) { return Scanner(content).scan(); }

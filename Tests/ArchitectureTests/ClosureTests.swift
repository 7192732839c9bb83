import Testing

/// Keeps tests away from a bug of Swift 6.3.1 that lets one closure run in place of another; `ClosureScan` says when.
struct ClosureTests {
  @Test(
    "In a closure no closure stands both inside and outside of #expect and #require",
    arguments: try Checkout.files(below: "Tests", ["swift"]))
  func siblings(path: String) throws {
    for finding in ClosureScan.findings(in: try #require(try Checkout.text(path))) {
      Issue.record(
        """
        \(path):\(finding.line): Swift 6.3.1 may run this closure in place of the one in line \(finding.sibling), or that one in place of this. \
        Take it out of the macro: first `let x = …`, then `#expect(x)`; instead of `#expect(throws:)` first `let error = failure(of: …)` \
        or `databaseError(of:)` of TestSupport.
        """)
    }
  }

  @Test(
    "A closure inside a macro is found beside one outside",
    arguments: [
      "run { a { 1 }; #expect(b { 2 }) }",
      "run { #expect(b { 2 }); a { 1 } }",
      "run { let x = a { 1 }; let y = try #require(b.first { $0 }) }",
      "run { if a { try b { 1 } }; for x in y where x { #expect([c { 2 }] == z) } }",
      "run { let f = { 1 }; #expect(throws: E.self) { 2 } }",
      "run { a { 1 }; await #expect { 2 } }",
      "run { a { 1 }; #expect(x, \"\\(b { 2 })\") }",
      "run { a { \"}\" }; #expect(#\"{\"# == #\"\\#(b { 2 })\"#) }",
      "run { a { #/}/# }; #expect(b(/{/) { 2 }) }",
      "run { /* } /* } */ */ a { 1 } // }\n #expect(b { 2 }) }",
      "run { repeat { a { 1 } } while c\n b { #expect(1) }; guard try #require(d { 2 }) else { return } }",
      "func f() { a(b, c: { x { 1 }; #expect(y { 2 }) }) }",
      "func f() { #expect(throws: E.self) { x { 1 }; #expect(y { 2 }) } }",
      "let x = { () -> Int in var y: Int\n a { 1 }; #expect(b { 2 }); return y }",
    ])
  func found(source: String) {
    #expect(ClosureScan.findings(in: source).count == 1, "\(source)")
  }

  @Test(
    "What the compiler does right is let be",
    arguments: [
      "func f() { a { 1 }; #expect(b { 2 }); c { 3 } }",
      "run { #expect(a { 1 }); #expect(throws: E.self) { 2 }; let x = try #require(b.first { $0 }) }",
      "run { a { 1 }; #expect(b.map(\\.x) == c && d ?? e) }",
      "run { a { 1 }; b { #expect(c { 2 }) } }",
      "run { a { 1 }; func f() -> Int { #expect(c { 2 }) } }",
      "run { func f() { a { 1 } }; #expect(c { 2 }) }",
      "run { struct S { var x: Int { get { 1 } set { 2 } }; var y: Int { 3 } }; #expect(c { 2 }) }",
      "run { actor A { init() {} }; #expect(c { 2 }) }",
      "run { if var x = y { 1 } else if z { 2 } else { 3 }; while x { 4 }; do { 5 } catch let e as F { 6 }; switch x { case 1: 2 }; #expect(c { 2 }) }",
      "run { let x = if y { 1 } else { 2 }; #expect(c { 2 }) }",
      "run { repeat { a } while b\n #expect(c { 2 }) }",
      "run { a { 1 }; #expect(b == \"{ 2 }\" && c == #\"{\"d\":{}}\"#) }",
      "run { a { 1 }; #expect(b == \"\"\"\n \"{ 2 }\" \"\"\") }",
      "run { // a { 1 }\n /* b { 1 } */ #expect(c { 2 }) }",
      "run { \"a { 1 }\"; #expect(c { 2 }) }",
    ])
  func passed(source: String) {
    #expect(ClosureScan.findings(in: source) == [], "\(source)")
  }

  @Test("A finding tells the line of either closure")
  func lines() {
    let source = """
      run {
        let text = \"""
          {
          \"""
        a { 1 }
        b { 2 }

        #expect(
          c { 3 })
      }
      """
    #expect(ClosureScan.findings(in: source) == [ClosureScan.Finding(line: 9, sibling: 5)])
  }
}

import Foundation
import Testing

@testable import ChatServer

@Suite struct JSONReaderTests {
  /// What a document is, or why it is none.
  private func read(_ text: String) -> Result<JSONToken.Kind, JSONFault> { read(Array(text.utf8)) }

  private func read(_ bytes: [UInt8]) -> Result<JSONToken.Kind, JSONFault> {
    bytes.withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      return Result { () throws(JSONFault) in try reader.document { _, _ in } }
    }
  }

  private func string(_ text: String) -> String? {
    Array(#"{"a":"\#(text)"}"#.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      var found: String?
      do throws(JSONFault) {
        _ = try reader.document { _, value in found = JSONString.decode(value, in: bytes) }
      } catch {
        return nil
      }
      return found
    }
  }

  @Test(arguments: [
    "{}", "[]", " [ ] ", "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "1e5", "1E+5", "1e-5", "0.0", "-0.1e1",
    #""""#,
    #""a""#, "[1,2,[3,{}]]", #"{"a":{"b":[null]}}"#, "\t\n\r {\r\n}\n", #"{"":0}"#, #""\"\\\/\b\f\n\r\t\u0041""#, "\"\u{7f}\"",
    #"{"a":1,"a":2}"#, #""\uD83D\uDE00""#, #""\uD800""#,
  ])
  func whatIsJSON(text: String) throws { _ = try read(text).get() }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1,}",
    "{,}", "{\"a\":1 \"b\":2}", "01", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x1", "NaN", "Infinity", "-Infinity", "nul",
    "nulll",
    "True", "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\"", "\"\\", "\"\n\"", "\"\t\"", "\"\0\"",
    "1 1", "{}{}",
    "[] x", "\u{feff}{}", "\u{a0}1", "[1,2", "{\"a\":[1,{\"b\":2]}", "/**/1", "1//", "-a", "--1", "1e5.5",
  ])
  func whatIsNone(text: String) { #expect(read(text) == .failure(.syntax)) }

  @Test func depthIsBounded() {
    let limit = JSONReader.maximumDepth
    let arrays = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
    #expect(read(arrays(limit)) == .success(.array))
    #expect(read(arrays(limit + 1)) == .failure(.tooDeep))
    #expect(read(#"{"a":\#(arrays(limit - 1))}"#) == .success(.object))
    #expect(read(#"{"a":\#(arrays(limit))}"#) == .failure(.tooDeep))
    let objects = String(repeating: #"{"a":"#, count: limit) + "1" + String(repeating: "}", count: limit)
    #expect(read(objects) == .success(.object))
    #expect(read(String(repeating: "[", count: 60_000)) == .failure(.tooDeep))
  }

  @Test func escapesAreDecoded() {
    #expect(string(#"\"\\\/\b\f\n\r\t"#) == "\"\\/\u{8}\u{c}\n\r\t")
    #expect(string(#"\u0041\u00e9\u20AC"#) == "Aé€")
    #expect(string(#"\uD83D\uDE00"#) == "😀")
    #expect(string("O‘zbekiston Ўзбекистон") == "O‘zbekiston Ўзбекистон")
    #expect(string(#"\uD83D"#) == nil)
    #expect(string(#"\uD83Dx"#) == nil)
    #expect(string(#"\uD83D\n"#) == nil)
    #expect(string(#"\uDE00"#) == nil)
    #expect(string(#"\uD83D\uD83D"#) == nil)
    #expect(string(#"\u0000"#) == "\0")
  }

  @Test func integersAreRead() {
    func integer(_ text: String) -> Int64? {
      Array(#"{"a":\#(text)}"#.utf8).withUnsafeBytes { bytes in
        var reader = JSONReader(bytes)
        var found: Int64?
        do throws(JSONFault) {
          _ = try reader.document { _, value in found = JSONString.integer(value, in: bytes) }
        } catch {
          return nil
        }
        return found
      }
    }
    #expect(integer("0") == 0)
    #expect(integer("-0") == 0)
    #expect(integer("9223372036854775807") == .max)
    #expect(integer("-9223372036854775808") == .min)
    #expect(integer("9223372036854775808") == nil)
    #expect(integer("-9223372036854775809") == nil)
    #expect(integer("100000000000000000000000") == nil)
    #expect(integer("1.0") == nil)
    #expect(integer("1e2") == nil)
    #expect(integer("\"1\"") == nil)
  }

  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      return true
    } catch {
      return false
    }
  }

  /// Whatever arrives, the reader ends, stays inside its bytes, and takes nothing that is no JSON.
  @Test func randomDamageIsBounded() {
    let seeds = [
      #"{"id":7,"do":"send","topic":3,"key":"6f1c7f8e-2c1e-4d0a-9b0e-1f2a3b4c5d6e","body":"Salom \u0041\uD83D\uDE00 \"x\"","reply":1}"#,
      #"{"id":1,"do":"history","topic":1,"before":100,"limit":50,"x":[1,2.5e-3,{"y":[null,true,false]}]}"#,
      #"[[[]],{"a":{"b":{"c":[-0.5]}}}]"#,
    ].map { Array($0.utf8) }
    var random = SystemRandomNumberGenerator()
    let alphabet = Array(#"{}[],:"\u0123456789eE+-.truefalsn "#.utf8)
    for round in 0..<30_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0..<128, using: &random)
        default: bytes.removeSubrange(place...)
        }
      }
      if case .success = read(bytes) {
        let isJSON = Self.isJSON(bytes)
        // Foundation refuses halves of surrogate pairs, which the grammar allows.
        if !isJSON && !bytes.contains(UInt8(ascii: "\\")) {
          Issue.record("taken, but no JSON: \(String(decoding: bytes, as: UTF8.self))")
        }
      }
      _ = bytes.withUnsafeBytes { CommandDecoder.decode($0) }
    }
  }
}

/// The binary format of `numeric`: digits in base 10,000, the weight of the first of them, a sign, and how many decimals to show.
enum Numeric {
  /// The exact decimal digits, as Postgres prints them.
  static func text(_ cell: SQLCell) throws(SQLMismatch) -> String {
    let count = Int(try cell.integer(at: 0, as: Int16.self))
    let weight = Int(try cell.integer(at: 2, as: Int16.self))
    let sign = try cell.integer(at: 4, as: UInt16.self)
    let scale = Int(try cell.integer(at: 6, as: UInt16.self))
    switch sign {
    case 0x0000, 0x4000: break
    case 0xC000: return "NaN"
    case 0xD000: return "Infinity"
    case 0xF000: return "-Infinity"
    default: throw .value("numeric of an unknown sign")
    }
    func digit(_ index: Int) throws(SQLMismatch) -> Int {
      index >= 0 && index < count ? Int(try cell.integer(at: 8 + 2 * index, as: Int16.self)) : 0
    }
    func padded(_ value: Int) -> String { String(repeating: "0", count: max(0, 4 - String(value).utf8.count)) + String(value) }

    var text = sign == 0x4000 ? "-" : ""
    if weight < 0 {
      text += "0"
    } else {
      text += String(try digit(0))
      for index in stride(from: 1, through: weight, by: 1) { text += padded(try digit(index)) }
    }
    guard scale > 0 else { return text }
    var decimals = ""
    var index = weight + 1
    while decimals.utf8.count < scale {
      decimals += padded(try digit(index))
      index += 1
    }
    return text + "." + decimals.prefix(scale)
  }
}

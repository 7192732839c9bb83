import Domain

extension Timestamp {
  /// `21.11.2026 15:03`, in Tashkent.
  var stampText: String {
    let day = LocalDate(inTashkentAt: self)
    let minutes = Int(since(day.startInTashkent).components.seconds / 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(day.day)).\(two(day.month)).\(day.year) \(two(minutes / 60)):\(two(minutes % 60))"
  }
}

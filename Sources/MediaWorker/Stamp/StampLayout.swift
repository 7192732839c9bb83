import Storage

/// How large the two stamps are on a picture or page, and where.
struct StampLayout {
  /// The light one.
  let pattern: StampPattern
  /// The strong one; nil where it would hide more than it tells.
  let card: StampCard?
  /// The card's upper left corner.
  let x: Double
  /// The card's upper left corner.
  let y: Double

  /// - Parameters:
  ///   - width: of the picture in pixels, or of the page in points.
  ///   - height: of the same.
  ///   - isPicture: measures are whole pixels, and a module has two at least: fewer cannot be read.
  init?(_ order: StampOrder, width: Double, height: Double, logo: Canvas?, isPicture: Bool) {
    // The side of the square of the same size: pages and pictures of all shapes get stamps of about the same weight.
    let base = (width * height).squareRoot()
    guard let pattern = StampPattern(order, size: max(isPicture ? 9 : 3, base * 0.019)) else { return nil }
    self.pattern = pattern
    let wanted = base * 0.093 / 45
    // On paper a module of 0.46 mm is still read after a scan of 150 dots per inch. Smaller ones are for labels that have no room for it.
    let modules = isPicture ? [max(2, wanted.rounded())] : [max(wanted, Self.readable), max(wanted, 0.6)].map { min($0, 12) }
    card = modules.lazy.compactMap { Self.card(order, module: $0, logo: logo, width: width, height: height) }.first
    let margin = isPicture ? (base * 0.022).rounded() : base * 0.022
    let (cardWidth, cardHeight) = (card?.width ?? 0, card?.height ?? 0)
    let left: Double =
      switch order.position {
      case .topLeft, .bottomLeft: margin
      case .topRight, .bottomRight: width - cardWidth - margin
      }
    let top: Double =
      switch order.position {
      case .topLeft, .topRight: margin
      case .bottomLeft, .bottomRight: height - cardHeight - margin
      }
    (x, y) = isPicture ? (max(0, left.rounded()), max(0, top.rounded())) : (max(0, left), max(0, top))
  }
  /// Points.
  private static let readable = 1.3

  /// The card, or the code alone where there is no room for the card; nil where there is none for either.
  private static func card(_ order: StampOrder, module: Double, logo: Canvas?, width: Double, height: Double) -> StampCard? {
    if let full = StampCard(order, module: module, logo: logo, hasText: true), full.width <= width * 0.62,
      full.height <= height * 0.4
    {
      return full
    }
    guard let bare = StampCard(order, module: module, logo: nil, hasText: false), bare.width <= width * 0.5,
      bare.height <= height * 0.5
    else { return nil }
    return bare
  }
}

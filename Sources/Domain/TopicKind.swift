/// The five topics that every organisation has; nobody adds or renames one.
public enum TopicKind: Int16, CaseIterable, Sendable, Codable {
  /// Bank payments and cash.
  case bank = 1
  /// Contracts and legal papers.
  case dogovor
  /// Invoices, acts, delivery notes.
  case faktura
  /// Powers of attorney.
  case dovernost
  /// Waybills.
  case ttn

  /// The word that stands for the topic in addresses and JSON.
  public var slug: String {
    switch self {
    case .bank: "bank"
    case .dogovor: "dogovor"
    case .faktura: "faktura"
    case .dovernost: "dovernost"
    case .ttn: "ttn"
    }
  }

  /// The topic of that word, nil for any other.
  public init?(slug: String) {
    guard let kind = Self.allCases.first(where: { $0.slug == slug }) else { return nil }
    self = kind
  }
}

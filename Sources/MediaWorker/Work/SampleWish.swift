import Foundation

/// What a sample of the watermark is to look like: the settings that somebody tries.
struct SampleWish: Decodable, Sendable {
  let text: String
  let opacity: Double
  let position: StampOrder.Position
  let logo: String?
  let logoType: String?

  private enum CodingKeys: String, CodingKey {
    case text, opacity, position, logo, logoType
  }

  /// Reads a job's input; what is missing counts as not set. - Throws: `DecodingError`.
  init(json: String) throws { self = try JSONDecoder().decode(SampleWish.self, from: Data(json.utf8)) }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    text = try values.decodeIfPresent(String.self, forKey: .text) ?? ""
    opacity = try values.decodeIfPresent(Double.self, forKey: .opacity) ?? 0.12
    position = try values.decodeIfPresent(StampOrder.Position.self, forKey: .position) ?? .bottomRight
    logo = try values.decodeIfPresent(String.self, forKey: .logo)
    logoType = try values.decodeIfPresent(String.self, forKey: .logoType)
  }
}

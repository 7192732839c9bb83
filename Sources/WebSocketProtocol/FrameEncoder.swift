/// Encodes the server's frames: unmasked, never fragmented, with the shortest length.
public enum FrameEncoder {
  /// The most bytes that a header has.
  public static let maximumHeaderSize = 10

  /// The size of the header of a frame with that many bytes of payload.
  @inlinable
  public static func headerSize(payload count: Int) -> Int { count < 126 ? 2 : count < 65_536 ? 4 : 10 }

  /// Writes the header of an unfragmented frame to the start of `target`, which must have room for it. `isCompressed` sets RSV1 (RFC 7692 §6).
  ///
  /// - Returns: the header's size.
  @inlinable
  @discardableResult
  public static func writeHeader(
    _ opcode: Opcode, payload count: Int, isCompressed: Bool = false, to target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let size = headerSize(payload: count)
    precondition(target.count >= size && count >= 0)
    unsafe target[0] = (isCompressed ? 0xC0 : 0x80) | opcode.rawValue
    switch size {
    case 2: unsafe target[1] = UInt8(truncatingIfNeeded: count)
    case 4:
      unsafe target[1] = 126
      unsafe target.storeBytes(of: UInt16(truncatingIfNeeded: count).bigEndian, toByteOffset: 2, as: UInt16.self)
    default:
      unsafe target[1] = 127
      unsafe target.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
    }
    return size
  }

  /// A whole frame.
  public static func encode(_ opcode: Opcode, _ payload: some Collection<UInt8>) -> [UInt8] {
    let count = payload.count
    var frame = [UInt8](repeating: 0, count: headerSize(payload: count))
    unsafe frame.withUnsafeMutableBytes { bytes in _ = unsafe writeHeader(opcode, payload: count, to: bytes) }
    frame.append(contentsOf: payload)
    return frame
  }

  /// A close frame. Without a code it is empty; the reason is cut, between characters, to the 123 bytes that fit.
  public static func close(code: UInt16?, reason: String = "") -> [UInt8] {
    guard let code else { return encode(.close, []) }
    var payload = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
    for character in reason.unicodeScalars {
      let bytes = Array(String(character).utf8)
      if payload.count + bytes.count > 125 { break }
      payload += bytes
    }
    return encode(.close, payload)
  }
}

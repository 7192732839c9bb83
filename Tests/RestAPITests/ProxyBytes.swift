/// The fixed part of a header: signature, version and command, family, length.
func proxyHeader(command: UInt8 = 0x21, family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
  let length = length ?? body.count
  return [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, UInt8(length >> 8),
    UInt8(length & 255),
  ]
    + body
}

/// Source 203.0.113.7:4660, destination 192.0.2.1:8080.
let proxyBodyIPv4: [UInt8] = [203, 0, 113, 7, 192, 0, 2, 1, 0x12, 0x34, 0x1F, 0x90]

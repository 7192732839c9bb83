// swift-tools-version: 6.2
import PackageDescription

/// Flags every target of ours is built with; docs/architecture.md says why.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The engine's release builds look at no exclusive access twice: the checks took 6 % of an echo with 16 in flight. Tests, which are debug builds, have them.
let engine: [SwiftSetting] = house + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func product(_ name: String, _ package: String) -> Target.Dependency { .product(name: name, package: package) }

let package = Package(
  name: "onefin",
  products: [
    .executable(name: "ChatServer", targets: ["ChatServer"]),
    .executable(name: "RestAPI", targets: ["RestAPI"]),
    .executable(name: "MediaWorker", targets: ["MediaWorker"]),
    .executable(name: "onefin-cli", targets: ["OneFin"]),
    .executable(name: "serve-echo", targets: ["ServeEcho"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Pure libraries.
    .target(name: "Domain", dependencies: [product("Crypto", "swift-crypto")], swiftSettings: house),
    .target(name: "WebSocketProtocol", dependencies: ["CZlib"], swiftSettings: engine + [.strictMemorySafety()]),
    // The SQL files become byte arrays of the program; an edited one is compiled anew.
    .target(name: "Migrations", resources: [.embedInCode("SQL")], swiftSettings: house),

    // The doors to the kernel, Postgres, libsodium and OpenSSL.
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .target(name: "CEpoll"),
    .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    // In the place of the C library's malloc.
    .target(name: "CJemalloc", linkerSettings: [.linkedLibrary("jemalloc")]),
    // The doors to what looks at strangers' files. libqpdf is C++; libvips' functions take any number of arguments, which Swift cannot call.
    .target(name: "CSandbox"),
    .systemLibrary(name: "CLibVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
    .systemLibrary(name: "CPango", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .target(name: "CVips", dependencies: ["CLibVips"]),
    .target(name: "CQPDF", cxxSettings: [.define("POINTERHOLDER_TRANSITION", to: "4")], linkerSettings: [.linkedLibrary("qpdf")]),
    .target(name: "Reactor", dependencies: ["CEpoll", "COpenSSL"], swiftSettings: engine),
    .target(name: "WebSocketServer", dependencies: ["Reactor", "WebSocketProtocol"], swiftSettings: engine),
    .target(
      name: "Storage",
      dependencies: ["Domain", "Migrations", "CLibPQ", product("Crypto", "swift-crypto"), product("Logging", "swift-log")],
      swiftSettings: house),
    .target(
      name: "ServerKit",
      dependencies: [
        "Domain", "CSodium", product("Configuration", "swift-configuration"), product("Logging", "swift-log"),
        product("Metrics", "swift-metrics"), product("Crypto", "swift-crypto"),
      ], swiftSettings: house),

    .target(
      name: "ObjectStorage",
      dependencies: [
        "Domain", "Storage", "ServerKit", product("AsyncHTTPClient", "async-http-client"), product("NIOCore", "swift-nio"),
        product("NIOHTTP1", "swift-nio"), product("Crypto", "swift-crypto"),
      ], swiftSettings: house),

    // Tables as files that people take away or bring.
    .target(name: "Reports", dependencies: ["Domain", "CZlib", "CXlsxWriter", "CPango"], swiftSettings: house),

    // Bundles: what is taken out of the house, signed, and checked anywhere.
    .target(name: "Audit", dependencies: ["Domain", "Storage", product("Crypto", "swift-crypto")], swiftSettings: house),

    // Programs.
    .executableTarget(
      name: "ChatServer",
      dependencies: [
        "Domain", "WebSocketProtocol", "Reactor", "WebSocketServer", "Storage", "ServerKit", "CJemalloc",
        product("Logging", "swift-log"), product("Metrics", "swift-metrics"), product("Configuration", "swift-configuration"),
      ], swiftSettings: house),
    .executableTarget(
      name: "RestAPI",
      dependencies: [
        "Domain", "Storage", "ObjectStorage", "ServerKit", "Reports", "Audit", product("Hummingbird", "hummingbird"),
        product("HummingbirdCore", "hummingbird"),
        product("HTTPTypes", "swift-http-types"), product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
        product("NIOHTTP1", "swift-nio"), product("Logging", "swift-log"), product("Metrics", "swift-metrics"),
        product("Configuration", "swift-configuration"), product("ServiceLifecycle", "swift-service-lifecycle"),
        product("UnixSignals", "swift-service-lifecycle"), product("Crypto", "swift-crypto"),
      ], swiftSettings: house),
    .executableTarget(
      name: "MediaWorker",
      dependencies: [
        "Domain", "Storage", "ServerKit", "ObjectStorage", "CSandbox", "CVips", "CPango", "CQREncode", "CQPDF",
        product("Logging", "swift-log"),
      ], swiftSettings: house),
    .executableTarget(
      name: "OneFin",
      dependencies: [
        "Domain", "Storage", "ObjectStorage", "Migrations", "ServerKit", "Audit",
        product("ArgumentParser", "swift-argument-parser"),
        product("Crypto", "swift-crypto"),
        product("Logging", "swift-log"), product("Configuration", "swift-configuration"),
        product("AsyncHTTPClient", "async-http-client"), product("NIOCore", "swift-nio"), product("NIOHTTP1", "swift-nio"),
      ], swiftSettings: house),

    // The engine alone, for benchmarks and the conformance suite.
    .executableTarget(
      name: "ServeEcho", dependencies: ["Reactor", "WebSocketProtocol", "WebSocketServer"], path: "Benchmarks/ServeEcho",
      swiftSettings: house),

    // Tests: one folder per target.
    .target(
      name: "TestSupport", dependencies: ["Domain", "Storage", "Migrations"], path: "Tests/TestSupport",
      swiftSettings: house),
    .target(
      name: "SocketSupport", dependencies: ["Reactor", "COpenSSL"], path: "Tests/SocketSupport", swiftSettings: house),
    .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: house),
    .testTarget(
      name: "AuditTests", dependencies: ["Audit", "Storage", "Domain", "TestSupport", product("Crypto", "swift-crypto")],
      swiftSettings: house),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "Domain", "TestSupport"], swiftSettings: house),
    .testTarget(name: "WebSocketProtocolTests", dependencies: ["WebSocketProtocol"], swiftSettings: house),
    .testTarget(name: "ReactorTests", dependencies: ["Reactor", "CEpoll", "COpenSSL", "SocketSupport"], swiftSettings: house),
    .testTarget(name: "WebSocketServerTests", dependencies: ["WebSocketServer", "WebSocketProtocol"], swiftSettings: house),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "Migrations", "Domain", "TestSupport"], swiftSettings: house),
    .testTarget(
      name: "ObjectStorageTests",
      dependencies: [
        "ObjectStorage", "Storage", "ServerKit", "Domain", "TestSupport", product("AsyncHTTPClient", "async-http-client"),
        product("NIOCore", "swift-nio"), product("NIOHTTP1", "swift-nio"), product("NIOPosix", "swift-nio"),
      ], swiftSettings: house),
    .testTarget(
      name: "ServerKitTests",
      dependencies: [
        "ServerKit", "Domain", product("Logging", "swift-log"), product("Metrics", "swift-metrics"),
        product("Crypto", "swift-crypto"),
      ], swiftSettings: house),
    .testTarget(
      name: "ChatServerTests",
      dependencies: [
        "ChatServer", "WebSocketServer", "WebSocketProtocol", "Reactor", "Storage", "ServerKit", "Domain", "TestSupport",
        "SocketSupport", "COpenSSL", "CJemalloc",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RestAPITests",
      dependencies: [
        "RestAPI", "Audit", "Storage", "ServerKit", "Domain", "TestSupport", product("HummingbirdTesting", "hummingbird"),
        product("Crypto", "swift-crypto"),
        product("Hummingbird", "hummingbird"), product("HTTPTypes", "swift-http-types"), product("NIOCore", "swift-nio"),
        product("NIOPosix", "swift-nio"), product("Logging", "swift-log"), product("ServiceLifecycle", "swift-service-lifecycle"),
      ], swiftSettings: house),
    .target(name: "PictureSupport", dependencies: ["CLibVips", "CZlib"], path: "Tests/PictureSupport"),
    .target(name: "SandboxSupport", dependencies: ["CSandbox"], path: "Tests/SandboxSupport"),
    .testTarget(
      name: "MediaWorkerTests",
      dependencies: [
        "MediaWorker", "Storage", "ServerKit", "Domain", "TestSupport", "PictureSupport", "SandboxSupport", "CSandbox",
        product("Logging", "swift-log"),
      ], swiftSettings: house),
    .testTarget(
      name: "OneFinTests",
      dependencies: ["OneFin", "ObjectStorage", "Storage", "Migrations", "ServerKit", "Domain", "TestSupport"],
      swiftSettings: house),
    .testTarget(name: "ArchitectureTests", swiftSettings: house),
  ],
  cxxLanguageStandard: .cxx17
)

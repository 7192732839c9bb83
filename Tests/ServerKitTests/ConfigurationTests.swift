import ServerKit
import Testing

@Suite struct ConfigurationTests {
  @Test func defaultsAreUsable() throws {
    let rest = try RestConfiguration(ConfigurationReader(environment: [:]))
    #expect(rest.listen == HostPort(host: "127.0.0.1", port: 8081))
    #expect(rest.proxyProtocol)
    #expect(rest.webRoot == "web/dist")
    #expect(rest.shared.cookieSecurity == .auto)
    let chat = try ChatConfiguration(ConfigurationReader(environment: [:]))
    #expect(chat.upstream == rest.listen)
    #expect(chat.loops == 1 && chat.allowedOrigins.isEmpty)
  }

  @Test func valuesComeFromTheEnvironment() throws {
    let reader = ConfigurationReader(environment: [
      "REST_LISTEN": "[::1]:0", "REST_PROXY_PROTOCOL": "no", "ONEFIN_TRUSTED_PROXIES": " 10.0.0.1, ::1 ,",
      "ONEFIN_DATABASE": "host=/x",
      "CHAT_UPSTREAM": "", "CHAT_LOOPS": "4",
    ])
    let rest = try RestConfiguration(reader)
    #expect(rest.listen == HostPort(host: "::1", port: 0))
    #expect(!rest.proxyProtocol)
    #expect(rest.shared.trustedProxies == ["10.0.0.1", "::1"])
    #expect(rest.shared.database == "host=/x")
    let chat = try ChatConfiguration(reader)
    #expect(chat.upstream == nil && chat.loops == 4)
  }

  @Test(arguments: [
    ("REST_LISTEN", "8081", "HOST:PORT"), ("REST_LISTEN", "a:70000", "HOST:PORT"), ("REST_LISTEN", "", "HOST:PORT"),
    ("REST_PROXY_PROTOCOL", "perhaps", "true or false"), ("REST_PASSWORD_HASHES", "0", "1 to 8"),
    ("REST_PASSWORD_HASHES", "two", "1 to 8"),
    ("ONEFIN_LOG_LEVEL", "loud", "trace, debug"), ("ONEFIN_COOKIE_SECURE", "yes", "auto, always, never"),
  ])
  func badValuesAreNamedInOneSentence(name: String, value: String, allowed: String) {
    do {
      _ = try RestConfiguration(ConfigurationReader(environment: [name: value]))
      Issue.record("\(name)=\(value) passed")
    } catch {
      #expect(error.description.contains(name) && error.description.contains(allowed))
      #expect(error.description.hasSuffix(".") && !error.description.contains("\n"))
    }
  }

  @Test func aCertificateNeedsItsKey() throws {
    func chat(_ environment: [String: String]) throws -> ChatConfiguration {
      try ChatConfiguration(ConfigurationReader(environment: environment))
    }
    #expect(try chat([:]).tls == nil)
    let files = try chat(["CHAT_TLS_CERTIFICATE": "/etc/a.pem", "CHAT_TLS_KEY": "/etc/a.key"]).tls
    #expect(files?.certificate == "/etc/a.pem" && files?.key == "/etc/a.key")
    for half in ["CHAT_TLS_CERTIFICATE", "CHAT_TLS_KEY"] {
      #expect(throws: ConfigurationFailure("CHAT_TLS_CERTIFICATE and CHAT_TLS_KEY belong together, but only one of them is set."))
      {
        try chat([half: "/etc/a.pem"])
      }
    }
  }

  @Test func aPROXYHeaderIsBelievedOnlyFromSomebody() throws {
    let listed = ConfigurationReader(environment: ["CHAT_PROXY_PROTOCOL": "true", "ONEFIN_TRUSTED_PROXIES": "10.0.0.1"])
    #expect(try ChatConfiguration(listed).proxyProtocol)
    #expect(try !ChatConfiguration(ConfigurationReader(environment: [:])).proxyProtocol)
    #expect(throws: ConfigurationFailure.self) {
      try ChatConfiguration(ConfigurationReader(environment: ["CHAT_PROXY_PROTOCOL": "true"]))
    }
  }

  @Test func secretsStayOutOfMessages() {
    let secret = String(repeating: "password=hunter2 ", count: 200)
    do {
      _ = try SharedConfiguration(ConfigurationReader(environment: ["ONEFIN_DATABASE": secret]))
      Issue.record("a value that is too long passed")
    } catch {
      #expect(error.description.contains("ONEFIN_DATABASE") && !error.description.contains("hunter2"))
    }
  }

  @Test func everyKeyIsInTheTableOnceAndItsDefaultIsAllowed() throws {
    let keys = SharedConfiguration.keys + ChatConfiguration.keys + RestConfiguration.keys
    #expect(Set(keys.map(\.name)).count == keys.count)
    let table = configurationTable()
    for key in keys {
      #expect(table.contains("| `\(key.name)` |"), "\(key.name)")
      #expect(key.doc.hasSuffix("."), "\(key.name)")
      if case .choice(let words) = key.kind { #expect(words.contains(key.defaultValue)) }
      if case .integer(let range) = key.kind { #expect(range.contains(try #require(Int(key.defaultValue)))) }
    }
    #expect(table.contains("| `ONEFIN_DATABASE` | text, secret |"))
  }

  @Test(arguments: ["", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "::1:80", "[::1:80", "a b:80", "a/b:80"])
  func addressesThatArent(text: String) { #expect(HostPort(text) == nil) }

  @Test(arguments: ["127.0.0.1:8080", "[::1]:8080", "localhost:0"])
  func addressesReadAndPrintAlike(text: String) { #expect(HostPort(text)?.description == text) }
}

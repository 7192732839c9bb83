import Domain
import ServerKit
import Testing

private let start = Timestamp(microseconds: 1_800_000_000_000_000)

private func admitted(_ decision: SignInThrottle.Decision) -> Bool {
  if case .admitted = decision { true } else { false }
}

@Suite struct SignInThrottleTests {
  @Test func onePlaceRunsDryAndFillsAgain() {
    var throttle = SignInThrottle()
    let attempt = SignInThrottle.Attempt(login: "aziza", address: "1.1.1.1")
    for _ in 0..<8 { #expect(admitted(throttle.admit(attempt, at: start))) }
    #expect(throttle.admit(attempt, at: start) == .refused(retryAfter: .seconds(30)))
    #expect(throttle.admit(attempt, at: start.advanced(by: .milliseconds(29_500))) == .refused(retryAfter: .seconds(1)))
    #expect(admitted(throttle.admit(attempt, at: start.advanced(by: .seconds(30)))))
    #expect(!admitted(throttle.admit(attempt, at: start.advanced(by: .seconds(30)))))
  }

  @Test func aStrangerLocksNobodyOut() {
    var throttle = SignInThrottle()
    for _ in 0..<1000 { _ = throttle.admit(.init(login: "aziza", address: "6.6.6.6"), at: start) }
    // The owner at another address, new device and known device.
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "1.1.1.1"), at: start)))
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "6.6.6.6", knownDevice: "phone"), at: start)))
  }

  @Test func manyPlacesTogetherAreSlowedButAKnownDeviceIsNot() {
    var throttle = SignInThrottle()
    var passed = 0
    for place in 0..<520 {
      let attempt = SignInThrottle.Attempt(login: "aziza", address: "6.6.\(place / 250).\(place % 250)")
      for _ in 0..<5 where admitted(throttle.admit(attempt, at: start)) { passed += 1 }
    }
    // The first 20 places empty the account's bucket; each after them has one attempt a minute.
    #expect(passed == 100 + 500)
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "1.1.1.1", knownDevice: "phone"), at: start)))
  }

  @Test func aSharedAddressSpraysSlowlyAndItsKnownDevicesAreFree() {
    var throttle = SignInThrottle()
    var passed = 0
    for login in 0..<300 where admitted(throttle.admit(.init(login: "user\(login)", address: "9.9.9.9"), at: start)) {
      passed += 1
    }
    #expect(passed == 60)
    #expect(!admitted(throttle.admit(.init(login: "aziza", address: "9.9.9.9"), at: start)))
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "9.9.9.9", knownDevice: "phone"), at: start)))
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "9.9.9.9"), at: start.advanced(by: .seconds(2)))))
  }

  /// 13 places that keep guessing, each as fast as it may, for ten minutes.
  private static func siege(_ throttle: inout SignInThrottle) -> Timestamp {
    var now = start
    for _ in 0..<600 {
      for place in 0..<13 {
        let attempt = SignInThrottle.Attempt(login: "aziza", address: "6.6.6.\(place)")
        while admitted(throttle.admit(attempt, at: now)) {}
      }
      now = now.advanced(by: .seconds(1))
    }
    // What came back in the last second goes too.
    for place in 0..<3 { _ = throttle.admit(.init(login: "aziza", address: "7.7.7.\(place)"), at: now) }
    return now
  }

  @Test func anAccountUnderSiegeKeepsASlowLaneForEveryAddress() {
    var throttle = SignInThrottle()
    let now = Self.siege(&throttle)
    let owner = SignInThrottle.Attempt(login: "aziza", address: "1.1.1.1")
    #expect(admitted(throttle.admit(owner, at: now)))
    guard case .refused(let wait) = throttle.admit(owner, at: now) else {
      Issue.record("the slow lane is no second fast one")
      return
    }
    #expect(wait <= .seconds(60))
    for place in 0..<13 {
      _ = throttle.admit(.init(login: "aziza", address: "6.6.6.\(place)"), at: now.advanced(by: .seconds(59)))
    }
    #expect(admitted(throttle.admit(owner, at: now.advanced(by: .seconds(60)))))
  }

  @Test func aSuccessInTheSlowLaneGivesNothingToTheBesieged() {
    var throttle = SignInThrottle()
    let now = Self.siege(&throttle)
    let owner = SignInThrottle.Attempt(login: "aziza", address: "1.1.1.1")
    for _ in 0..<20 {
      guard case .admitted(let ticket) = throttle.admit(owner, at: now) else {
        Issue.record("refused")
        return
      }
      throttle.giveBack(ticket, at: now)
    }
    // The account's bucket has got nothing that it hadn't given.
    #expect(!admitted(throttle.admit(.init(login: "aziza", address: "6.6.6.1"), at: now)))
  }

  @Test func withoutASlowLaneAnAccountsBucketIsTheLastWord() {
    var rates = SignInThrottle.Rates()
    rates.account = .init(capacity: 20, refill: .seconds(600))
    (rates.slow, rates.groups) = (nil, 3)
    var throttle = SignInThrottle(rates: rates)
    // One /48 is one place, however many /64 it has.
    let oneNetwork = (0..<1000).filter {
      admitted(throttle.admit(.init(login: "aziza", address: "2001:db8:1:\(String($0, radix: 16))::1"), at: start))
    }
    #expect(oneNetwork.count == 8)
    let networks = (0..<1000).filter {
      admitted(throttle.admit(.init(login: "aziza", address: "2001:db9:\(String($0, radix: 16))::1"), at: start))
    }
    #expect(networks.count == 12)
    #expect(throttle.admit(.init(login: "aziza", address: "1.1.1.1"), at: start) == .refused(retryAfter: .seconds(600)))
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "1.1.1.1", knownDevice: "phone"), at: start)))
    #expect(admitted(throttle.admit(.init(login: "bobur", address: "1.1.1.1"), at: start)))
  }

  @Test func aWholeIPv6NetworkIsOnePlace() {
    var throttle = SignInThrottle()
    for host in 0..<1000 {
      _ = throttle.admit(.init(login: "aziza", address: "2001:db8:1:2::\(String(host, radix: 16))"), at: start)
    }
    #expect(!admitted(throttle.admit(.init(login: "aziza", address: "2001:0DB8:1:2:ffff::1"), at: start)))
    #expect(admitted(throttle.admit(.init(login: "aziza", address: "2001:db8:1:3::1"), at: start)))
    // Eight of a pair, not the account's hundred.
    let left = (0..<92).filter { admitted(throttle.admit(.init(login: "aziza", address: "9.9.9.\($0)"), at: start)) }
    #expect(left.count == 92)
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("::FFFF:0a00:0001", "10.0.0.1"), ("::1", "0:0:0:0::/64"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:DB8:0001:2::", "2001:db8:1:2::/64"),
    ("fe80::1%eth0", "fe80:0:0:0::/64"),
    ("64:ff9b::1.2.3.4", "64:ff9b:0:0::/64"), ("1:2:3", "1:2:3"), ("::1::2", "::1::2"),
    ("1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9"),
    ("12345::", "12345::"), ("::1.2.3", "::1.2.3"), ("", ""), ("nonsense", "nonsense"), (":", ":"),
  ])
  func placesHaveOneName(address: String, name: String) {
    #expect(AddressGroup.name(of: address) == name)
  }

  @Test func successesCostNothing() {
    var throttle = SignInThrottle()
    for login in 0..<500 {
      let attempt = SignInThrottle.Attempt(login: "user\(login)", address: "9.9.9.9")
      guard case .admitted(let ticket) = throttle.admit(attempt, at: start) else {
        Issue.record("refused")
        return
      }
      throttle.giveBack(ticket, at: start)
    }
    #expect(throttle.count == 0)
  }

  @Test func aKnownDeviceHasItsOwnLimit() {
    var throttle = SignInThrottle()
    let attempt = SignInThrottle.Attempt(login: "aziza", address: "1.1.1.1", knownDevice: "phone")
    for _ in 0..<10 { #expect(admitted(throttle.admit(attempt, at: start))) }
    #expect(!admitted(throttle.admit(attempt, at: start)))
    // The device is known to this account only.
    #expect(admitted(throttle.admit(.init(login: "bobur", address: "1.1.1.1", knownDevice: "phone"), at: start)))
  }

  @Test func memoryIsBoundedAndTheGuiltyAreNotForgotten() {
    var throttle = SignInThrottle(limit: 100)
    let guilty = SignInThrottle.Attempt(login: "aziza", address: "6.6.6.6")
    for _ in 0..<8 { _ = throttle.admit(guilty, at: start) }
    for number in 0..<5000 {
      _ = throttle.admit(.init(login: "user\(number)", address: "7.\(number / 250).\(number % 250).1"), at: start)
    }
    #expect(throttle.count <= 300)
    #expect(!admitted(throttle.admit(guilty, at: start)))
  }

  @Test func aClockThatIsSetBackGivesNothing() {
    var throttle = SignInThrottle()
    let attempt = SignInThrottle.Attempt(login: "aziza", address: "1.1.1.1")
    for _ in 0..<8 { _ = throttle.admit(attempt, at: start) }
    #expect(!admitted(throttle.admit(attempt, at: start.advanced(by: .seconds(-3600)))))
  }
}

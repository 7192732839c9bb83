import Domain
import ServerKit
import Testing

private let start = Timestamp(microseconds: 1_800_000_000_000_000)

private func admitted(_ decision: SignInThrottle.Decision) -> Bool { decision == .admitted }

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
    for place in 0..<500
    where admitted(throttle.admit(.init(login: "aziza", address: "6.6.\(place / 250).\(place % 250)"), at: start)) {
      passed += 1
    }
    #expect(passed == 100)
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

  @Test func successesCostNothing() {
    var throttle = SignInThrottle()
    for login in 0..<500 {
      let attempt = SignInThrottle.Attempt(login: "user\(login)", address: "9.9.9.9")
      #expect(admitted(throttle.admit(attempt, at: start)))
      throttle.giveBack(attempt, at: start)
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

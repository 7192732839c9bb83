import Domain
import ServerKit
import Synchronization
import Testing

@Suite struct PasswordTests {
  @Test func theStandardHashIsArgon2idOver64MiB() throws {
    let hash = try Argon2.hash("correct horse")
    #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=2,p=1$"))
    #expect(try Argon2.verify("correct horse", against: hash))
    #expect(try !Argon2.verify("correct hors", against: hash))
    #expect(!Argon2.needsRehash(hash))
  }

  @Test func saltsDifferAndEmptyPasswordsHash() throws {
    let first = try Argon2.hash("", cost: .least)
    #expect(try first != Argon2.hash("", cost: .least))
    #expect(try Argon2.verify("", against: first))
    #expect(try !Argon2.verify("\u{0}", against: first))
    #expect(Argon2.needsRehash(first))
  }

  @Test(arguments: [
    "", "plain", "$argon2id$v=19$m=65536,t=2,p=1$", String(repeating: "$", count: 5000), "$2y$10$abcdefghijklmnopqrstuv",
  ])
  func whatIsNoHashVerifiesNothing(hash: String) throws {
    #expect(try !Argon2.verify("x", against: hash))
    #expect(Argon2.needsRehash(hash))
  }

  @Test func atMostTwoAtOnceAndABoundedQueue() async throws {
    let hasher = PasswordHasher(atOnce: 2, queueLimit: 3, cost: Argon2.Cost(passes: 3, memory: 16 << 20))
    let outcome = await withTaskGroup(of: Bool?.self) { group in
      for _ in 0..<40 {
        group.addTask {
          do {
            _ = try await hasher.hash("a password")
            return true
          } catch let error as DomainError {
            return error.code == .unavailable && error.isTemporary ? false : nil
          } catch {
            return nil
          }
        }
      }
      return await group.reduce(into: [Bool?]()) { $0.append($1) }
    }
    #expect(!outcome.contains(nil))
    #expect(outcome.contains(true) && outcome.contains(false))
    #expect(hasher.highestAtOnce <= 2)
    // The queue empties: whoever comes later is served.
    #expect(try await hasher.verify("x", against: hasher.hash("x")))
  }

  @Test func aWaitingCallerMayLeave() async throws {
    let hasher = PasswordHasher(atOnce: 1, queueLimit: 10, cost: Argon2.Cost(passes: 4, memory: 64 << 20))
    let first = Task { try await hasher.hash("one") }
    let waiting = (0..<3).map { _ in Task { try await hasher.hash("two") } }
    for task in waiting { task.cancel() }
    for task in waiting {
      let result = await task.result
      // Either it left the queue, or it had its turn before the cancellation came.
      if case .failure(let error) = result { #expect(error is CancellationError) }
    }
    _ = try await first.value
    #expect(try await hasher.hash("three").hasPrefix("$argon2id$"))
  }

  @Test func rules() {
    #expect(PasswordRules.problem(with: "short", login: "a") != nil)
    #expect(PasswordRules.problem(with: "aaaaaaaaaaaa", login: "a") != nil)
    #expect(PasswordRules.problem(with: "Some.Login@x", login: "some.login@x") != nil)
    #expect(PasswordRules.problem(with: String(repeating: "abcd", count: 251), login: "a") != nil)
    #expect(PasswordRules.problem(with: "to'g'ri parol", login: "a") == nil)
  }
}

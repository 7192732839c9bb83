internal import CEpoll
import Glibc

/// The way to a loop from other threads.
///
/// `Root` is what lives on the loop: it never leaves its thread, closures go to it.
public struct LoopRemote<Root: LoopHandler>: Sendable {
  /// Carries what belongs to the loop's thread. Touched before the thread starts and, after that, only on it.
  private struct Confined: @unchecked Sendable {
    let loop: EventLoop
    let root: Root
  }

  private let confined: Confined
  private let mailbox: Mailbox

  init(loop: EventLoop, root: Root) {
    confined = Confined(loop: loop, root: root)
    mailbox = loop.mailbox
  }

  /// Runs `body` on the loop's thread, after what was posted before it.
  ///
  /// - Returns: false when the loop has stopped; `body` will not run then.
  @discardableResult
  public func execute(_ body: @escaping @Sendable (Root) -> Void) -> Bool {
    mailbox.post { [confined] in body(confined.root) }
  }

  /// Asks the loop to end after what was posted before. Connections are closed without further ado: drain them first.
  public func stop() {
    _ = mailbox.post { [confined] in confined.loop.stop() }
  }
}

extension EventLoop {
  /// The way to `root`, which must live on this loop, from other threads.
  public func remote<Root: LoopHandler>(to root: Root) -> LoopRemote<Root> { LoopRemote(loop: self, root: root) }
}

/// A loop on a thread of its own.
public final class LoopThread<Root: LoopHandler>: Sendable {
  /// The way to what lives on the loop.
  public let remote: LoopRemote<Root>
  private let thread: pthread_t

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: the thread's name, up to 15 bytes.
  ///   - index: a number that no other loop of the process has.
  ///   - makeRoot: makes what lives on the loop, on the caller's thread, before the loop runs. It may keep nothing but the loop and what is `Sendable`.
  /// - Throws: what `makeRoot` throws, or `SystemError`.
  public init(name: String, index: UInt8, makeRoot: @Sendable (EventLoop) throws -> Root) throws {
    let loop = try EventLoop(index: index)
    let root = try makeRoot(loop)
    loop.attach(root)
    remote = loop.remote(to: root)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(LoopStart(loop, name))
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<LoopStart>.fromOpaque(argument).takeRetainedValue()
        cepoll_name_thread(start.name)
        start.loop.run()
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      start.release()
      throw SystemError("pthread_create", code: result)
    }
    self.thread = thread
  }

  /// Runs `body` on the loop's thread; see `LoopRemote.execute`.
  @discardableResult
  public func execute(_ body: @escaping @Sendable (Root) -> Void) -> Bool { remote.execute(body) }

  /// Asks the loop to end; see `LoopRemote.stop`.
  public func stop() { remote.stop() }

  /// Waits until the thread has ended. To be called once, after `stop`.
  public func join() { pthread_join(thread, nil) }
}

/// What a new thread is given.
private final class LoopStart {
  let loop: EventLoop
  let name: String

  init(_ loop: EventLoop, _ name: String) {
    self.loop = loop
    self.name = String(name.prefix(15))
  }
}

import Glibc

/// The clock of timers and time-outs: it never jumps.
public enum MonotonicClock {
  /// Milliseconds since some moment before the process began.
  public static var milliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}

import Glibc

/// How many descriptors the process may have open: one for each connection, two for each tunnel.
public enum DescriptorLimit {
  /// Raises the soft limit to the hard one; usually 1,024 is only the start.
  ///
  /// - Returns: the limit in the end, also when it could not be raised.
  @discardableResult
  public static func raise() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1_024 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}

import Glibc
import Reactor
import Testing

@Suite struct DescriptorLimitTests {
  @Test func raisesTheSoftLimitToTheHardOne() async {
    await #expect(processExitsWith: .success) {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = min(256, limit.rlim_max)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      exit(DescriptorLimit.raise() == Int(clamping: limit.rlim_max) ? 0 : 1)
    }
  }
}

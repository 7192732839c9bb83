import Foundation

/// What LibreOffice is told before it sees a file: nothing of the file may run, and nothing that it only mentions is fetched. The sandbox
/// has no network
/// either; so each holds without the other.
enum OfficeProfile {
  private static let settings: [(path: String, name: String, value: String)] = [
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    // Pictures, templates and sections that lie elsewhere.
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    // 0 is never in Writer, 1 in Calc.
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "1"),
    ("Java/VirtualMachine", "Enable", "false"),
  ]

  /// Makes the folder of a new profile. - Throws: `.crashed` when it cannot be written.
  static func write(below folder: String) throws(Refusal) {
    let items = settings.map { path, name, value in
      """
      <item oor:path="/org.openoffice.Office.\(path)"><prop oor:name="\(name)" oor:op="fuse"><value>\(value)</value></prop></item>
      """
    }
    let text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <oor:items xmlns:oor="http://openoffice.org/2001/registry">
      \(items.joined(separator: "\n"))
      </oor:items>
      """
    do {
      try FileManager.default.createDirectory(atPath: "\(folder)/user", withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/user/registrymodifications.xcu"))
    } catch {
      throw Refusal(.crashed, "the profile cannot be written: \(error)", outcome: .failed)
    }
  }
}

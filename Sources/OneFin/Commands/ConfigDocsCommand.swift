import ArgumentParser
import ServerKit

/// `config-docs`: docs/configuration.md, made from the declarations of the keys.
struct ConfigDocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "config-docs", abstract: "Print docs/configuration.md.")

  func run() { print(Self.document, terminator: "") }

  /// The whole file.
  static var document: String {
    """
    # Configuration

    Made by `onefin-cli config-docs` from the declarations in Sources/ServerKit; `./onefin format` rewrites it. Every key is an environment variable.
    A value that can't be used stops the program with one sentence.


    """ + configurationTable()
  }
}

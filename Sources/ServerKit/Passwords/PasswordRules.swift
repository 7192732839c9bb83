/// What a new password must be.
public enum PasswordRules {
  /// The fewest characters.
  public static let minimum = 10
  /// The most bytes; more would only cost the one who hashes.
  public static let maximumBytes = 1000

  /// What is wrong with a new password, as a sentence; nil when it will do.
  public static func problem(with password: String, login: String) -> String? {
    if password.count < minimum { return "A password has at least \(minimum) characters." }
    if password.utf8.count > maximumBytes { return "A password has at most \(maximumBytes) bytes." }
    if password.lowercased() == login.lowercased() { return "The password must not be the login." }
    if Set(password).count < 4 { return "A password has at least 4 different characters." }
    return nil
  }
}

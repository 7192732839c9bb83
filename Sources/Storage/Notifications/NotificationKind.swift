/// What a line of the bell is about. A test of the pages holds that every one of them has its sentence in all three languages.
public enum NotificationKind: String, Sendable, CaseIterable {
  /// An answer is due soon; to staff.
  case waitSoon = "wait.soon"
  /// An answer is overdue; to staff.
  case waitLate = "wait.late"
  /// The clock stands still until the client does something; to the topic's clients.
  case pauseWanted = "pause.wanted"
  /// A client has rejected a pause, so that its time counts; to accountants and supervisors.
  case pauseRejected = "pause.rejected"
  /// A case was closed over a waiting client; to supervisors.
  case caseDismissed = "case.dismissed"
  /// A case closed by itself; to clients, who may rate it.
  case caseSilent = "case.silent"
  /// A case closed by itself while a client waited; to staff.
  case caseSilentMiss = "case.silent_miss"
  /// A topic was assigned to the reader.
  case assignmentNew = "assignment.new"
  /// Somebody signed in to the reader's account on a device that was not known.
  case sessionNew = "session.new"
  /// One of the reader's codes on paper was used in the place of the authenticator.
  case recoveryUse = "recovery.use"
  /// An accountant doubts a line of the own bonus; to admins.
  case contestCreate = "contest.create"
  /// The reader's doubt was answered.
  case contestAnswer = "contest.answer"
  /// A second person is to confirm an erasure; to those who may.
  case erasureCreate = "erasure.create"
  /// The erasure that the reader asked for was confirmed, and is done.
  case erasureConfirm = "erasure.confirm"
  /// It was refused.
  case erasureRefuse = "erasure.refuse"
  /// The daily verification found something; to admins.
  case auditAlarm = "audit.alarm"
}
